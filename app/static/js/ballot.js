// Say how many topics are chosen and how long the round is open, and sort the topics on request.

const form = document.querySelector("form[data-ballot]");

function count() {
  const most = Number(form.dataset.most);
  const chosen = form.querySelectorAll('input[name="choices"]:checked').length;
  const words = chosen > most ? form.dataset.wordsOver : form.dataset.words;
  const line = form.querySelector("[data-count]");
  line.textContent = words.replace("{chosen}", chosen).replace("{most}", most).replace("{over}", chosen - most);
  line.classList.toggle("over", chosen > most);
}

/** "None of these" and topics exclude each other: ticking one unticks the others. */
function exclude(event) {
  if (!event.target.checked) return;
  const other = event.target.name === "none" ? "choices" : "none";
  for (const box of form.querySelectorAll(`input[name="${other}"]`)) box.checked = false;
}

/** Count down by the server's clock, whatever this device's says. */
function countDown(line) {
  const closes = Date.parse(line.dataset.closes);
  const ahead = Date.parse(line.dataset.clock) - Date.now();
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const tick = () => {
    const left = Math.floor((closes - Date.now() - ahead) / 1000);
    if (left <= 0) {
      line.textContent = line.dataset.over;
      return;
    }
    const [unit, seconds] = units.find(([, size]) => left >= 2 * size) ?? units.at(-1);
    line.textContent = line.dataset.words.replace("{when}", words.format(Math.floor(left / seconds), unit));
    setTimeout(tick, left > 7200 ? 60000 : 1000);
  };
  tick();
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
  form.addEventListener("change", exclude);
  form.addEventListener("change", count);
  addEventListener("pageshow", count);
  count();
  const line = form.querySelector("[data-countdown]");
  if (line) countDown(line);
  const link = form.querySelector("[data-sort]");
  if (link) sorter(link, form.querySelector("[data-topics]"));
}
