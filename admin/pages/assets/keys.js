// Shortcuts of a single key: whatever on the page carries `aria-keyshortcuts="x"` is clicked, or entered if it is a field.
// `?` lists them. They can be switched off, for those whose software types letters (WCAG 2.1.4).
const STORE = "console-keys";
const dialog = document.getElementById("keys");
const opener = document.getElementById("keys-open");
const box = dialog.querySelector("input");

const isOn = () => localStorage.getItem(STORE) !== "off";
// A letter means something to these and nothing to a box that is ticked: whoever has just ticked one may go on by key, and
// so may whoever has just closed the dialog, whose own box keeps the focus for a moment.
const takesText = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
const visible = (element) => element.getClientRects().length > 0;
const marked = () => [...document.querySelectorAll("[aria-keyshortcuts]")].filter(visible);

function nameOf(element) {
  const label = element.id && document.querySelector(`label[for="${CSS.escape(element.id)}"]`);
  return (label || element).textContent.trim() || element.getAttribute("aria-label") || "";
}

function open() {
  const rows = marked().flatMap((element) => {
    const key = document.createElement("dt");
    const kbd = document.createElement("kbd");
    kbd.textContent = element.getAttribute("aria-keyshortcuts");
    key.append(kbd);
    const name = document.createElement("dd");
    name.textContent = nameOf(element);
    return [key, name];
  });
  dialog.querySelector("dl").replaceChildren(...rows);
  dialog.querySelector("p").hidden = rows.length > 0;
  box.checked = isOn();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || takesText(event.target)) return;
  if (!isOn()) return;
  const found = event.key === "?" ? null : marked().find((each) => each.getAttribute("aria-keyshortcuts") === event.key);
  if (event.key !== "?" && !found) return;
  event.preventDefault();
  if (!found) open();
  else if (takesText(found)) found.focus();
  else found.click();
});

box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
opener.hidden = false;
opener.addEventListener("click", open);
