// A form with `data-unsaved` asks before what was typed into it is lost.
const said = (form) => new URLSearchParams(new FormData(form)).toString();

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  const before = said(form);
  // One that came back with something to correct holds what is stored nowhere.
  const returned = form.parentElement.querySelector("#wrong") !== null;
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && (returned || said(form) !== before)) event.preventDefault();
  });
}
