// While a title is being typed, show what resembles it: suggestions to second, stories to read.

const PAUSE_MS = 400;
const LEAST_LETTERS = 4;

const form = document.querySelector("form[data-similar]");

async function look(title, place, seen, signal) {
  const address = new URL(form.dataset.similar, location.href);
  address.searchParams.set("q", title);
  const answer = await fetch(address, { signal });
  // A limit or a server that is busy: the page asks again when the form is sent.
  if (!answer.ok) return;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = part.querySelector("[data-keys]");
  if (!found) return;
  place.replaceChildren(...(found.childElementCount ? [found] : []));
  // What has been on the screen need not stop the form once more.
  seen.value = [...new Set([...seen.value.split(" "), ...found.dataset.keys.split(" ")])].join(" ").trim();
}

if (form) {
  const title = form.querySelector("[name=title]");
  const place = form.querySelector("[data-similar-found]");
  const seen = form.querySelector("[name=seen]");
  let timer;
  let asking = new AbortController();
  const ask = () => {
    clearTimeout(timer);
    asking.abort();
    if (title.value.trim().length < LEAST_LETTERS) {
      place.replaceChildren();
      return;
    }
    timer = setTimeout(() => {
      asking = new AbortController();
      look(title.value.trim(), place, seen, asking.signal).catch((error) => {
        if (error.name !== "AbortError") console.warn(error);
      });
    }, PAUSE_MS);
  };
  title.addEventListener("input", ask);
  // A page that comes back for a correction, or from the back button, has a title already.
  if (!place.childElementCount) ask();
}
