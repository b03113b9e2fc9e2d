// Say how many topics are chosen, and sort the topics by the alphabet on request.

const form = document.querySelector("form[data-ballot]");

function count() {
  const most = Number(form.dataset.most);
  const chosen = form.querySelectorAll('input[type="checkbox"]:checked').length;
  const words = chosen > most ? form.dataset.wordsOver : form.dataset.words;
  const line = form.querySelector("[data-count]");
  line.textContent = words.replace("{chosen}", chosen).replace("{most}", most).replace("{over}", chosen - most);
  line.classList.toggle("over", chosen > most);
}

/** Put the topics in the alphabet's order or back in their own, in place: the ticks stay. */
function sorter(link, list) {
  const shuffled = [...list.children];
  const title = (item) => item.querySelector("label").textContent.trim();
  const alphabet = new Intl.Collator(document.documentElement.lang).compare;
  let sorted = false;
  link.setAttribute("role", "button");
  link.setAttribute("aria-pressed", "false");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    sorted = !sorted;
    list.append(...(sorted ? [...shuffled].sort((a, b) => alphabet(title(a), title(b))) : shuffled));
    link.setAttribute("aria-pressed", String(sorted));
  });
  // A link turned into a button must answer to the space bar as one.
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
}

if (form) {
  form.addEventListener("change", count);
  addEventListener("pageshow", count);
  count();
  const link = form.querySelector("[data-sort]");
  if (link) sorter(link, form.querySelector("[data-topics]"));
}
