// <hromada-goal goal="...">: a goal with how far it is, said by numbers and by a bar beside them.

import { address, make, Piece, sheet } from "./parts.js";

class Goal extends Piece {
  static sheets = [sheet("progress{display:block;width:100%;height:.75rem;margin:0 0 .5rem;accent-color:var(--accent)}")];

  feed(lang) {
    return ["embed/goal.json", { lang, goal: this.getAttribute("goal") }];
  }

  draw({ state, title, share, sentence, until, link, label, lang }) {
    if (state === "none") return null;
    const where = { article: this.getAttribute("article"), place: this.getAttribute("place") || "goal", lang };
    return [
      make("h2", { part: "headline" }, title),
      make("progress", { max: 100, value: Math.min(share, 100), "aria-label": label }),
      make("p", {}, `${sentence} (${share} %)`),
      until && make("p", { class: "muted" }, until),
      link && make("p", {}, make("a", { href: address(link.href, where) }, link.text)),
    ].filter(Boolean);
  }
}

customElements.define("hromada-goal", Goal);
