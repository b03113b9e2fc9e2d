// <hromada-corrections>: highlight a mistake, press Ctrl+Enter, and tell the newsroom.

import { address, make, Piece, sheet } from "./parts.js";

const OWN = sheet(`
.near{position:fixed;z-index:9999}
dialog{width:min(34rem,calc(100vw - 1rem));padding:1.25rem;
border:1px solid var(--line);border-radius:var(--hromada-radius,.25rem);background:var(--ground);color:var(--ink)}
blockquote{margin:0 0 1rem;padding-left:.75rem;border-left:4px solid var(--line);color:var(--muted)}
mark{background:var(--accent);color:var(--on-accent)}
label{display:block;font-weight:600}
input,textarea{display:block;width:100%;margin:0 0 1rem;padding:.5rem;border:1px solid var(--line);
background:none;color:inherit;font:inherit}
[aria-invalid]{border:2px solid}
.trap{position:absolute;left:-200vw}
.ways{display:flex;flex-wrap:wrap;gap:.75rem;margin:0}
.quiet{background:none;color:var(--accent)}
[role=alert]{font-weight:600}
[hidden]{display:none}
`);
/** How much of the text before and behind a passage goes with it. */
const AROUND = 120;
const BLOCKS = "p,li,dd,td,blockquote,figcaption,h1,h2,h3,h4,article,main,body";

const tidy = (text) => text.replace(/\s+/g, " ");

/** What is highlighted on the page, with what stands around it; nothing where nothing is. */
function highlighted(longest) {
  const selection = getSelection();
  const range = selection.rangeCount && selection.getRangeAt(0);
  const quote = range && tidy(range.toString()).trim().slice(0, longest).trim();
  if (!quote) return null;
  const within = range.commonAncestorContainer;
  const block = (within.closest ? within : within.parentElement)?.closest(BLOCKS) ?? document.body;
  const [before, after] = [document.createRange(), document.createRange()];
  before.selectNodeContents(block);
  after.selectNodeContents(block);
  before.setEnd(range.startContainer, range.startOffset);
  after.setStart(range.endContainer, range.endOffset);
  return { quote, prefix: tidy(`${before}`).slice(-AROUND), suffix: tidy(`${after}`).slice(0, AROUND), range: range.cloneRange() };
}

/** The page's own address and title. */
function page(element) {
  const named = element.getAttribute("article") ?? "";
  const canonical = document.querySelector('link[rel="canonical"]')?.href;
  return {
    article: /^https?:/.test(named) ? named : canonical || location.href.split("#")[0],
    title: element.getAttribute("title") || document.title.slice(0, 200),
  };
}

class Corrections extends Piece {
  static sheets = [OWN];

  feed(lang) {
    return ["corrections/words", { lang }];
  }

  draw(told) {
    this.told = told;
    const keys = /mac|iphone|ipad/i.test(navigator.platform) ? "⌘ Enter" : "Ctrl+Enter";
    const open = this.button(told.open, "main quiet", () => this.open(highlighted(told.longest.quote)));
    this.near = this.button(told.open, "main near", () => this.open(this.marked));
    this.near.hidden = true;
    addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
      const marked = !event.target.closest?.("input,textarea,[contenteditable]") && highlighted(told.longest.quote);
      if (!marked || this.dialog.open) return;
      event.preventDefault();
      this.open(marked);
    });
    if (matchMedia("(any-pointer: coarse)").matches) this.follow();
    return [make("p", {}, told.hint.replace("{keys}", keys)), make("p", {}, open), this.near, this.form()];
  }

  button(text, kind, act) {
    const made = make("button", { type: "button", class: kind }, text);
    made.addEventListener("click", act);
    return made;
  }

  /** On touch screens: a button under what is highlighted. */
  follow() {
    document.addEventListener("selectionchange", () => {
      const marked = this.dialog.open ? null : highlighted(this.told.longest.quote);
      // A tap on the button may take the highlight away first.
      if (!marked) return void setTimeout(() => (this.near.hidden = !highlighted(1)), 400);
      const { bottom, left } = marked.range.getBoundingClientRect();
      this.marked = marked;
      this.near.hidden = false;
      this.near.style.top = `${Math.min(Math.max(bottom + 12, 8), innerHeight - 60)}px`;
      this.near.style.left = `${Math.max(8, Math.min(left, innerWidth - this.near.offsetWidth - 8))}px`;
    });
  }

  form() {
    const { told } = this;
    const field = (tag, name, more = {}) => {
      const made = make(tag, { id: name, name, "aria-describedby": `${name}-hint`, ...more });
      const label = make("label", { for: name }, told[name]);
      return make("div", {}, label, make("span", { class: "muted", id: `${name}-hint` }, told[`${name}_hint`]), made);
    };
    const trap = make("input", { name: "website", id: "website", tabindex: "-1", autocomplete: "off" });
    this.around = make("blockquote", {});
    this.typed = field("textarea", "quote", { rows: "2", maxlength: told.longest.quote });
    this.said = make("p", { role: "alert" });
    this.sender = make("button", { class: "main" }, told.send);
    this.fields = make(
      "form",
      { novalidate: true },
      make("h2", { id: "title" }, told.open),
      this.around,
      this.typed,
      field("textarea", "comment", { rows: "3", maxlength: told.longest.comment }),
      field("input", "email", { type: "email", autocomplete: "email" }),
      make("div", { class: "trap", "aria-hidden": "true" }, make("label", { for: "website" }, told.trap), trap),
      this.said,
      make("p", { class: "ways" }, this.sender, this.button(told.cancel, "main quiet", () => this.dialog.close())),
    );
    this.fields.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.thanks = make("p", { tabindex: "-1" }, told.thanks);
    this.done = make("div", { hidden: true }, this.thanks, this.button(told.close, "main", () => this.dialog.close()));
    this.dialog = make("dialog", { "aria-labelledby": "title" }, this.fields, this.done);
    this.dialog.addEventListener("close", () => this.closed());
    return this.dialog;
  }

  /** Ask about a passage; without one the reader copies it in. What was typed before is kept. */
  open(marked) {
    this.passage = marked;
    this.near.hidden = this.done.hidden = true;
    this.fields.hidden = false;
    this.typed.hidden = Boolean(marked);
    this.around.hidden = !marked;
    this.said.replaceChildren();
    if (marked) this.around.replaceChildren("… ", marked.prefix, make("mark", {}, marked.quote), marked.suffix, " …");
    this.dialog.showModal();
    this.fields.elements[marked ? "comment" : "quote"].focus();
  }

  /** The browser gives the focus back; the highlight we give back ourselves. */
  closed() {
    if (!this.passage) return;
    getSelection().removeAllRanges();
    getSelection().addRange(this.passage.range);
    this.near.hidden = true;
  }

  async send() {
    if (this.sender.hasAttribute("aria-disabled")) return;
    const { elements } = this.fields;
    // Sent twice, it is one letter.
    this.key ??= crypto.randomUUID?.() ?? "";
    const sent = { ...page(this), lang: this.told.lang, request_key: this.key };
    for (const name of ["quote", "comment", "email", "website"]) sent[name] = elements[name].value;
    if (this.passage) for (const name of ["quote", "prefix", "suffix"]) sent[name] = this.passage[name];
    this.sender.setAttribute("aria-disabled", "true");
    let answer, errors;
    try {
      // A plain form: no question beforehand, no cookie.
      answer = await fetch(address("corrections/send"), { method: "POST", credentials: "omit", signal: AbortSignal.timeout(2e4), body: new URLSearchParams(sent) });
      errors = (await answer.json()).errors;
    } catch {
      // Told below.
    }
    this.sender.removeAttribute("aria-disabled");
    for (const one of elements) one.removeAttribute("aria-invalid");
    if (answer?.status === 201) return this.thank();
    const wrong = Object.entries(errors ?? {});
    for (const [name] of wrong) elements[name]?.setAttribute("aria-invalid", "true");
    const form = address("corrections", { article: sent.article, quote: sent.quote, lang: this.told.lang });
    this.said.replaceChildren(
      ...(wrong.length
        ? [wrong.map(([, text]) => text).join(" ")]
        : [this.told.failed, " ", make("a", { href: form, target: "_blank", rel: "noopener" }, this.told.form)]),
    );
    elements[wrong[0]?.[0]]?.focus();
  }

  thank() {
    this.fields.reset();
    this.key = null;
    this.fields.hidden = true;
    this.done.hidden = false;
    this.thanks.focus();
  }
}

customElements.define("hromada-corrections", Corrections);
