// Is this browser's reader a patron? Known once the reader has asked for it; no cookies.

import { address, make } from "./parts.js";

// All that is kept here: the question, for an hour, while its reader is away; and the answer. Not
// by tab: the letter's link opens another one.
const ASKED = "hromada-asked";
const KEPT = "hromada-pass";
const HOUR = 3600_000;
// A minute before a token ends it is renewed.
const EARLY = 60;

const base64 = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64(crypto.getRandomValues(new Uint8Array(32)));
const read = (name) => JSON.parse(localStorage.getItem(name) ?? "null");
const write = (name, value) => localStorage.setItem(name, JSON.stringify(value));
let known, refused, again;

/**
 * Who reads here, if a patron: `{ patron, since, lang, token }`, else null. Never throws. Ask anew
 * before each use of the token: it comes from this browser, and is renewed when it is about to end.
 */
export function patron() {
  // Many who ask at once are one question.
  known ??= look()
    .catch(() => {
      // An answer that was lost on its way can be had again for a minute and a half.
      again ??= setTimeout(patron, 5000);
      return null;
    })
    .finally(() => (known = undefined));
  return known;
}

/** Lead the reader to Hromada to sign in, and back to this page. Only when they ask for it. */
export async function recognise() {
  const [verifier, state] = [random(), random()];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const { href, hash } = location;
  const return_to = href.split("#")[0];
  write(ASKED, { verifier, state, return_to, hash, until: Date.now() + HOUR });
  location.assign(address("pass", { return_to, state, challenge: base64(new Uint8Array(digest)) }));
}

/** Forget the reader in this browser. */
export function forget() {
  localStorage.removeItem(KEPT);
  known = undefined;
}

/** The line of an appeal by which a patron is asked no more; what came of it where that was no. */
export function asking(words) {
  if (refused) return make("p", { class: "muted", role: "status" }, words.unknown);
  // Browsers give what it takes to pages that came over HTTPS alone.
  return globalThis.crypto?.subtle ? button(words.known, recognise) : null;
}

/** The line that takes it back. */
export function forgetting(words) {
  return button(words.forget, () => {
    forget();
    location.reload();
  });
}

function button(text, pressed) {
  const made = make("button", { type: "button", class: "plain" }, text);
  made.addEventListener("click", pressed);
  return made;
}

async function look() {
  await come();
  // One tab at a time, as far as the browser can: another one may have renewed it by now.
  const renew = async () => {
    const { until, renewal } = read(KEPT) ?? {};
    if (until < Date.now()) await send({ renewal });
  };
  if (read(KEPT)?.until < Date.now()) await (navigator.locks ? navigator.locks.request(KEPT, renew) : renew());
  const kept = read(KEPT);
  return kept?.until > Date.now() ? kept : null;
}

/** Take up the answer that the address of this page carries, and take it out of the address. */
async function come() {
  const here = new URL(location.href);
  const take = (name) => {
    const value = here.searchParams.get(name);
    here.searchParams.delete(name);
    return value;
  };
  const [code, state] = [take("hromada_code"), take("hromada_state")];
  const asked = read(ASKED);
  if (code || asked?.until < Date.now()) localStorage.removeItem(ASKED);
  if (!code) return;
  const mine = asked?.state === state && asked.until > Date.now();
  // As it was before: to write the other parameters anew could change them.
  history.replaceState(history.state, "", mine ? asked.return_to + asked.hash : here);
  // A code that this browser did not ask for is somebody else's.
  if (!mine) return;
  const { verifier, return_to } = asked;
  refused = (await send({ code, verifier, return_to }))?.patron === false;
}

/** Hand in a code or a renewal, and keep what comes of it. Null where nothing does. */
async function send(fields) {
  const answer = await fetch(address("pass/token"), {
    method: "POST",
    credentials: "omit",
    keepalive: true,
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout?.(8000),
  });
  const told = answer.ok ? await answer.json() : null;
  const kept = told && { ...told, ...claims(told.token), until: Date.now() + (told.expires_in - EARLY) * 1000 };
  // What another tab has got meanwhile stays, and what its reader has forgotten stays forgotten.
  if (fields.renewal && read(KEPT)?.renewal !== fields.renewal) return null;
  // Refused, or no patron (any more): nothing stays. A server that is down has refused nothing.
  if (kept?.patron) write(KEPT, kept);
  else if (answer.ok || answer.status < 404) localStorage.removeItem(KEPT);
  return kept;
}

/** What a token says. It came from its maker over TLS; who gets it from a reader checks it. */
const claims = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
