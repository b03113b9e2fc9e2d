// Copy what a button names. Without this script there are no buttons and the text is selected by hand.

const said = document.getElementById("copied");

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const value = document.getElementById(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // The browser refused; the text is still there to be selected.
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      return;
    }
    said.textContent = `${button.dataset.copied}: ${value}`;
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 2000);
  });
}
