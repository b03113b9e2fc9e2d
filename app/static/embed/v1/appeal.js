// <hromada-appeal article="..." section="..." place="...">: the appeal of an article.

import { address, make, Piece, sheet, SITE } from "./parts.js";

const OWN = sheet(`
fieldset{margin:0 0 1rem;padding:0;border:0;min-width:0}
legend{padding:0;font-size:.9rem;color:var(--muted)}
.row{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.25rem}
label{position:relative;display:grid;place-items:center;flex:1 1 auto;min-height:2.75rem;padding:.25rem .5rem;white-space:nowrap;
border:1px solid var(--line);border-radius:var(--hromada-radius,.25rem);cursor:pointer;text-align:center}
input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
label:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 2px var(--accent);font-weight:600}
label:has(:focus-visible){outline:3px solid var(--ink);outline-offset:2px}
@media(forced-colors:active){label:has(:checked){forced-color-adjust:none;border-color:Highlight;box-shadow:none;
background:Highlight;color:HighlightText;outline-color:CanvasText}}
.plain{min-height:1.75rem;padding:0;border:0;background:none;color:var(--accent);font:inherit;
text-decoration:underline;cursor:pointer}
.ways{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:center}
`);
/** Names in a page's address that tell how its reader came to it. */
const CAME = ["campaign", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "ref"];

/** What the page itself says of its article. */
export function article(element) {
  const canonical = document.querySelector('link[rel="canonical"]')?.href || location.href;
  const page = new URL(canonical, location.href);
  return {
    article: element.getAttribute("article") || page.pathname,
    title: element.getAttribute("title") || document.title.slice(0, 200),
    url: page.origin + page.pathname,
    place: element.getAttribute("place"),
  };
}

class Appeal extends Piece {
  static sheets = [OWN];

  feed(lang) {
    const [section, currency] = ["section", "currency"].map((name) => this.getAttribute(name));
    return ["embed/appeal.json", { article: article(this).article, section, currency, lang }];
  }

  async draw(told, lang) {
    const pass = await import("./pass.js").catch(() => ({}));
    if (!told.preview && (await pass.patron?.(this))) return [...this.thank(told.thanks), pass.forgetting(told.words)];
    // Drawn anew for each view: no browser is marked to remember it.
    const variant = told.variants[Math.floor(Math.random() * told.variants.length)];
    this.told = told;
    this.variant = variant;
    this.lang_ = lang;
    this.chosen = told.periods[0];
    this.amount = this.chosen.amounts[0][0];
    this.main = make("a", { class: "main", part: "button" });
    this.amounts = make("div", { class: "row" });
    this.offer();
    if (!told.preview) this.watch();
    return [
      make("h2", { part: "headline" }, variant.headline),
      make("p", {}, variant.text),
      make("fieldset", {}, make("legend", {}, told.words.often), make("div", { class: "row" }, ...told.periods.map((period) =>
        this.radio("often", period.interval, period.label, period === this.chosen, () => {
          this.chosen = period;
          this.amount = period.amounts[0][0];
          this.offer();
        })))),
      make("fieldset", {}, make("legend", {}, told.words.amount), this.amounts),
      make("p", { class: "ways" }, this.main, make("a", { href: address(told.other, this.where()) }, told.words.other)),
      pass.asking?.(told.words),
    ].filter(Boolean);
  }

  thank({ line, round, link }) {
    return [
      make("p", {}, line),
      round && make("p", {}, round),
      link && make("p", {}, make("a", { class: "main", href: new URL(link.href, SITE) }, link.text)),
    ].filter(Boolean);
  }

  /** Show the amounts of the chosen period, and lead where the choice says. */
  offer() {
    this.amounts.replaceChildren(...this.chosen.amounts.map(([value, text]) =>
      this.radio("amount", value, text, value === this.amount, () => {
        this.amount = value;
        this.lead();
      })));
    this.lead();
  }

  lead() {
    this.main.textContent = this.chosen.button ?? this.variant.button;
    this.main.href = address(this.told.give, {
      ...this.where(),
      interval: this.chosen.interval,
      amount: this.amount,
      currency: this.told.currency,
      lang: this.told.lang,
    });
  }

  radio(name, value, text, checked, chosen) {
    const input = make("input", { type: "radio", name, value, checked });
    input.addEventListener("change", chosen);
    return make("label", {}, input, text);
  }

  /** What travels with the reader: the article, the place, the appeal, and how they came to the page. */
  where() {
    const here = new URLSearchParams(location.search);
    return {
      ...article(this),
      ...Object.fromEntries(CAME.map((name) => [name, here.get(name)])),
      ...(this.getAttribute("campaign") && { campaign: this.getAttribute("campaign") }),
      appeal: this.variant.tag,
    };
  }

  /** Tell the server, once, that half of the appeal, or half of the window with it, was seen for a second. */
  watch() {
    let timer;
    const observer = new IntersectionObserver((entries) => {
      const { intersectionRatio, boundingClientRect } = entries.at(-1);
      if (2 * intersectionRatio < Math.min(1, innerHeight / boundingClientRect.height)) {
        timer = clearTimeout(timer);
        return;
      }
      timer ??= setTimeout(() => {
        observer.disconnect();
        const { article, appeal, campaign, utm_campaign } = this.where();
        fetch(address("embed/seen"), {
          method: "POST",
          credentials: "omit",
          keepalive: true,
          body: JSON.stringify({ article, appeal, campaign: campaign || utm_campaign || "", lang: this.told.lang }),
        }).catch(() => {});
      }, 1000);
      // Half a window may be any part of a tall appeal, so each hundredth is looked at.
    }, { threshold: [...Array(101).keys()].map((part) => part / 100) });
    observer.observe(this);
  }
}

customElements.define("hromada-appeal", Appeal);
