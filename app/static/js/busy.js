// Keep a form from being sent twice while the first answer is on its way.

const WAIT_MS = 15000;

function settle(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("button[aria-disabled]")) {
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  // The button stays enabled: a disabled one would drop its own name and value from the form.
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => settle(form), WAIT_MS);
});

// The back button may bring a page back as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sending]").forEach(settle);
});
