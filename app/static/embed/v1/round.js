// <hromada-round article="...">: the open round with its topics and the way to vote, else the newest result.

import { address, make, Piece, sheet } from "./parts.js";

class Round extends Piece {
  static sheets = [sheet("ul{margin:0 0 .75rem;padding-left:1.25rem}li{margin:.25rem 0}")];

  feed(lang) {
    return ["embed/round.json", { lang }];
  }

  draw({ state, heading, title, topics, closes, link, lang }) {
    if (state === "none") return null;
    const where = { article: this.getAttribute("article"), place: this.getAttribute("place") || "round", lang };
    return [
      make("p", { class: "muted" }, heading),
      make("h2", { part: "headline" }, title),
      make("ul", {}, ...topics.map((topic) => make("li", {}, topic))),
      closes && make("p", { class: "muted" }, closes),
      make("p", {}, make("a", { class: state === "open" ? "main" : null, href: address(link.href, where) }, link.text)),
    ].filter(Boolean);
  }
}

customElements.define("hromada-round", Round);
