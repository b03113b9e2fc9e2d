// Is this browser's reader a patron? Known once the reader has asked for it; no cookies.

import { address } from "./parts.js";

// All that is kept here: the question while its reader is away, and the answer.
const ASKED = "hromada-asked";
const KEPT = "hromada-pass";

const base64 = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64(crypto.getRandomValues(new Uint8Array(32)));
const read = (store, name) => {
  try {
    return JSON.parse(store.getItem(name));
  } catch {
    return null;
  }
};
let known;

/** Who reads here, if a patron: `{ patron, since, lang, token }`, else null. Asks once; never throws. */
export function patron() {
  known ??= look().catch(() => null);
  return known;
}

/** Lead the reader to Hromada to sign in, and back to this page. Only when they ask for it. */
export async function recognise() {
  const verifier = random();
  const state = random();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const return_to = location.href.split("#")[0];
  sessionStorage.setItem(ASKED, JSON.stringify({ verifier, state, return_to, hash: location.hash }));
  location.assign(address("pass", { return_to, state, challenge: base64(new Uint8Array(digest)) }));
}

/** Forget the reader in this browser. */
export function forget() {
  localStorage.removeItem(KEPT);
  known = undefined;
}

async function look() {
  await come();
  let kept = read(localStorage, KEPT);
  if (kept && kept.until < Date.now()) {
    // One tab at a time: a renewal is good once.
    const renew = async () => {
      kept = read(localStorage, KEPT);
      if (kept?.until < Date.now()) kept = await send({ renewal: kept.renewal });
    };
    await (navigator.locks ? navigator.locks.request(KEPT, renew) : renew());
  }
  return kept?.patron ? kept : null;
}

/** Take up the answer that the address of this page carries, and take it out of the address. */
async function come() {
  const here = new URL(location.href);
  const [code, state] = ["hromada_code", "hromada_state"].map((name) => here.searchParams.get(name));
  if (!code) return;
  const asked = read(sessionStorage, ASKED);
  sessionStorage.removeItem(ASKED);
  // As it was before: to write the other parameters anew could change them.
  const mine = asked && asked.state === state;
  here.searchParams.delete("hromada_code");
  here.searchParams.delete("hromada_state");
  history.replaceState(history.state, "", mine ? asked.return_to + asked.hash : here);
  // A code that this browser did not ask for is somebody else's.
  if (mine) await send({ code, verifier: asked.verifier, return_to: asked.return_to });
}

/** Hand in a code or a renewal, and keep what comes of it. Null where nothing does. */
async function send(fields) {
  const answer = await fetch(address("pass/token"), {
    method: "POST",
    credentials: "omit",
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout?.(8000),
  });
  const told = answer.ok ? await answer.json() : null;
  const kept = told && { ...claims(told.token), ...told, until: Date.now() + (told.expires_in - 60) * 1000 };
  // Refused, or no patron (any more): nothing of it stays here. A server that is down refuses nothing.
  if (kept?.patron) localStorage.setItem(KEPT, JSON.stringify(kept));
  else if (answer.ok || answer.status === 400 || answer.status === 403) forget();
  return kept;
}

/** What a token says. It comes from its maker over TLS; whoever gets it from a reader checks it. */
function claims(token) {
  const { patron, since, lang } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  return { patron, since, lang };
}
