// Keep the give button's words, and the suggested amounts, in step with what is chosen.

const form = document.querySelector("form[data-give]");

const chosen = (name) => form.querySelector(`[name="${name}"]:checked`);

const field = (name) => form.elements.namedItem(name);

/** The number a person typed, with a comma or a point; null when it is not an amount. */
function typed(text) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  return /^\d{1,9}(\.\d{1,2})?$/.test(plain) && Number(plain) > 0 ? Number(plain) : null;
}

/** The amount in words, cut from the pattern of a suggested one: "€5" gives "€12.50". */
function money(amount) {
  const digits = Number.isInteger(amount) ? 0 : 2;
  const number = new Intl.NumberFormat(document.documentElement.lang, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
  return form.dataset.pattern.replace(/\d([\d.,\s\u00a0\u202f]*\d)?/, number);
}

function amountWords() {
  const card = chosen("amount");
  if (card && card.value !== "other") return form.querySelector(`label[for="${card.id}"]`).textContent.trim();
  const amount = typed(field("other_amount").value);
  return amount === null ? null : money(amount);
}

function refresh() {
  const button = form.querySelector("[data-give-button]");
  const interval = chosen("interval")?.value ?? "once";
  const amount = amountWords();
  button.textContent = amount
    ? form.dataset[`give${interval[0].toUpperCase()}${interval.slice(1)}`].replace("{amount}", amount)
    : form.dataset.giveUnknown;
}

/** Show the amounts suggested for another period, keeping the place of the chosen card. */
function suggest(interval) {
  const suggestions = JSON.parse(form.dataset.suggestions || "{}")[interval];
  if (!suggestions) return;
  const cards = [...form.querySelectorAll('[name="amount"]')].filter((card) => card.value !== "other");
  cards.forEach((card, place) => {
    const [value, label] = suggestions[place] ?? [];
    if (value === undefined) return;
    card.value = value;
    form.querySelector(`label[for="${card.id}"]`).textContent = label;
  });
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "interval") suggest(event.target.value);
    if (event.target.name === "amount" && event.target.value === "other") field("other_amount").focus();
    refresh();
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "other_amount") refresh();
  });
  // A browser may bring back what was chosen before the page was left.
  addEventListener("pageshow", refresh);
  refresh();
}
