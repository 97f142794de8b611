// Whoever types is there: their session does not end under a long form.
const EVERY_MS = 5 * 60 * 1000;
let told = Date.now();

document.addEventListener("input", () => {
  if (Date.now() - told < EVERY_MS) return;
  told = Date.now();
  fetch("/console/alive").catch(() => {});
});
