// Load the module of each element of ours on this page, also of those that come later.

const NAMES = ["appeal", "round", "goal", "corrections"];
const waiting = new Set(NAMES);

const observer = new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) look(node);
  }
});

function look(root) {
  for (const name of waiting) {
    const tag = `hromada-${name}`;
    if (!root.matches?.(tag) && !root.querySelector(tag)) continue;
    waiting.delete(name);
    // Without the module the element keeps what the page has inside it, such as a link.
    import(new URL(`v1/${name}.js`, import.meta.url)).catch(() => {});
  }
  if (!waiting.size) observer.disconnect();
}

observer.observe(document, { childList: true, subtree: true });
look(document);
