// What the elements share: where we are, whom to ask, how things look.

/** The site of Hromada, with a final slash. */
export const SITE = new URL("../../", import.meta.url);

/** The language of an element: its own, or that of the page around it, such as "uk". */
export const language = (element) =>
  (element.closest("[lang]")?.lang || navigator.language || "en").slice(0, 2).toLowerCase();

/** An address of ours with what is known of `params`; empty ones are left out. */
export function address(path, params = {}) {
  const url = new URL(path, SITE);
  for (const [name, value] of Object.entries(params)) {
    if (value != null && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/** Ask for a feed; null when it does not come, and the element stays as the page has it. */
export async function ask(path, params) {
  try {
    const answer = await fetch(address(path, params), {
      credentials: "omit",
      signal: AbortSignal.timeout?.(8000),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Make an element: `make("a", { href: url }, "words", child)`; an empty attribute is left out. */
export function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === true) made.setAttribute(name, "");
    else if (value != null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null && child !== ""));
  return made;
}

/** A stylesheet that a strict policy lets through: it is made, not written into the page. */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

const LIGHT = "--accent:var(--hromada-accent,var(--house));--on-accent:var(--hromada-on-accent,#fff);" +
  "--ground:var(--hromada-ground,#fffdf7);--ink:var(--hromada-ink,#1c1b18);" +
  "--muted:var(--hromada-muted,#5b574d);--line:var(--hromada-line,#857f71);color-scheme:light";
const DARK = "--accent:var(--hromada-accent-dark,var(--house-dark));" +
  "--on-accent:var(--hromada-on-accent-dark,#14161a);--ground:var(--hromada-ground-dark,#1c1f25);" +
  "--ink:var(--hromada-ink-dark,#f0ede4);--muted:var(--hromada-muted-dark,#b6b1a4);" +
  "--line:var(--hromada-line-dark,#858b96);color-scheme:dark";

/** How every element looks. `theme="light"` or `"dark"` on one overrides the reader's setting. */
export const LOOK = sheet(`
:host{display:block;${LIGHT}}
@media(prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}}}
:host([theme=dark]){${DARK}}
:host([hidden]){display:none}
.box{box-sizing:border-box;padding:1.25rem;border:1px solid var(--line);
border-radius:var(--hromada-radius,.25rem);background:var(--ground);color:var(--ink);
font:1rem/1.5 var(--hromada-font,system-ui,sans-serif);overflow-wrap:anywhere}
*,::before{box-sizing:border-box}
h2{margin:0 0 .5rem;font-size:1.3rem;line-height:1.25}
p{margin:0 0 .75rem}
.box>:last-child{margin-bottom:0}
a{color:var(--accent)}
.muted{color:var(--muted);font-size:.9rem}
.main{display:inline-block;min-height:2.75rem;padding:.6rem 1.2rem;border:2px solid var(--accent);
border-radius:var(--hromada-radius,.25rem);background:var(--accent);color:var(--on-accent);
font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`);

/** The newsroom's own accent, which its page may override by `--hromada-accent`. */
const house = (colours) =>
  sheet(`:host{--house:${colours.accent};--house-dark:${colours.accent_dark}}`);

/**
 * An element that asks our server once and then draws itself in a shadow of its own.
 * Until then, and where nothing comes, the page's own content of it stands.
 * `feed(lang)` gives [path, params]; `draw(told, lang)` gives nodes, or nothing to stay as it is.
 */
export class Piece extends HTMLElement {
  async connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    const lang = language(this);
    // Where staff look at it before readers do, what it is to show stands inside it. Only on our own
    // site: elsewhere a comment could carry a link that runs in the page.
    const inside = location.origin === SITE.origin && this.querySelector("data[hidden]");
    const told = inside ? JSON.parse(inside.value) : await ask(...this.feed(lang));
    const drawn = told && (await this.draw(told, lang));
    if (drawn) this.show(told, drawn);
  }

  show(told, drawn, ...sheets) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [house(told.colours), LOOK, ...(this.constructor.sheets ?? []), ...sheets];
    root.replaceChildren(make("section", { class: "box", lang: told.lang, "aria-label": told.label }, ...drawn));
  }
}
