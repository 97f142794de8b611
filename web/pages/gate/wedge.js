// A scanner that behaves as a keyboard: characters that follow each other faster than people type, then Enter.
const GAP_MS = 500;
const LEAST = 6;

// Calls `found` with what was typed, wherever the focus is; a text field keeps what is typed into it.
export function listen(found) {
  let typed = "";
  let last = 0;

  const inField = (event) => event.target instanceof HTMLInputElement && event.target.type === "text";

  addEventListener("keydown", (event) => {
    if (inField(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - last > GAP_MS) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length >= LEAST) {
      event.preventDefault();
      event.stopPropagation();
      const text = typed;
      typed = "";
      found(text);
    } else if (event.key.length === 1) {
      // A blank inside a code presses no button, its letters move no list.
      if (typed || event.target instanceof HTMLSelectElement) event.preventDefault();
      typed += event.key;
    }
  }, true);

  addEventListener("keyup", (event) => {
    if (event.key === " " && typed.length > 1 && !inField(event)) event.preventDefault();
  }, true);
}
