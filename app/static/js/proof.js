// Let the browser work out the sum that tells it from a robot, while the form is being filled in.

const form = document.querySelector("form[data-proof-waiting]");
const task = form?.elements.namedItem("proof_task")?.value;

/** The number that has the task's sum; an empty text when this browser cannot look for it. */
function found() {
  return new Promise((resolve) => {
    try {
      const worker = new Worker(new URL("proof-worker.js", import.meta.url));
      worker.onmessage = (event) => resolve(String(event.data));
      worker.onerror = () => resolve("");
      worker.postMessage(task);
    } catch {
      resolve("");
    }
  });
}

if (form && task && globalThis.crypto?.subtle) {
  let done = false;
  const work = found().then((number) => {
    form.elements.namedItem("proof").value = number;
    done = true;
  });
  form.addEventListener("submit", (event) => {
    if (done) return;
    event.preventDefault();
    const button = event.submitter;
    const words = button?.textContent;
    if (button) {
      button.textContent = form.dataset.proofWaiting;
      button.setAttribute("aria-disabled", "true");
    }
    work.then(() => {
      if (button) {
        button.textContent = words;
        button.removeAttribute("aria-disabled");
      }
      form.requestSubmit(button);
    });
  });
}
