// Keep the give button's words, the fee and the suggested amounts in step with what is chosen.

const form = document.querySelector("form[data-give]");
const places = Number(form?.dataset.places ?? 2);
const unit = 10 ** places;

const chosen = (name) => form.querySelector(`[name="${name}"]:checked`);

const field = (name) => form.elements.namedItem(name);

/** What a person typed, in minor units: with a comma or a point; null when it is not an amount. */
function typed(text) {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  const [whole, decimals = ""] = plain.split(".");
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(plain) || decimals.length > places) return null;
  const minor = Number(whole) * unit + Number(decimals.padEnd(places, "0") || 0);
  return minor > 0 ? minor : null;
}

/** An amount in words, cut from the pattern of a suggested one: "€5" gives "€12.50". */
function money(minor) {
  const digits = minor % unit === 0 ? 0 : places;
  const number = new Intl.NumberFormat(document.documentElement.lang, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(minor / unit);
  return form.dataset.pattern.replace(/\d([\d.,\s\u00a0\u202f]*\d)?/, number);
}

/** The chosen amount in minor units, without the fee; null when there is none. */
function amount() {
  const card = chosen("amount");
  return card ? typed(card.value === "other" ? field("other_amount").value : card.value) : null;
}

/** What covers the fee: as the server reckons it, in whole minor units and rounded up. */
function cover(net) {
  const share = Number(form.dataset.feeShare);
  return Math.ceil(((net + Number(form.dataset.feeFixed)) * 10000) / (10000 - share)) - net;
}

function refresh() {
  const button = form.querySelector("[data-give-button]");
  const interval = chosen("interval")?.value ?? "once";
  const net = amount();
  if (net === null) {
    button.textContent = form.dataset.giveUnknown;
    return;
  }
  const fee = cover(net);
  form.querySelector("[data-cover-label]").textContent = form.dataset.coverWords
    .replace("{cover}", money(fee))
    .replace("{amount}", money(net));
  const whole = money(field("cover").checked ? net + fee : net);
  const words = form.dataset[`give${interval[0].toUpperCase()}${interval.slice(1)}`];
  button.textContent = words.replace("{amount}", whole);
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
