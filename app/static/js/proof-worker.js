// Look for the number that, written after the salt, has the SHA-256 that the task names.

const NUMBERS = 100000;

const hex = (bytes) =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

addEventListener("message", async (event) => {
  const [salt, , digest] = event.data.split(".");
  const encoder = new TextEncoder();
  for (let number = 0; number < NUMBERS; number += 1) {
    const sum = await crypto.subtle.digest("SHA-256", encoder.encode(salt + number));
    if (hex(sum) === digest) {
      postMessage(number);
      return;
    }
  }
  postMessage("");
});
