// Every form that sends something asks before what was typed into it is lost. Left out are those in which nothing is:
// `data-unsaved="no"` (a search, a reader), passwords and codes.
const FIELDS = "input:not([type=hidden]), select, textarea:not([hidden])";
const SECRETS = "[type=password], [autocomplete=one-time-code]";

// A file is told by its name: without one there is none.
const said = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));

// What came back with something to correct stands in no database: it is lost with the page, even if nothing is typed anew.
const wrong = document.getElementById("wrong");
const places = wrong ? [...wrong.querySelectorAll("a[href^='#']")].map((link) => link.hash.slice(1)) : [];
const cameBack = (form) =>
  wrong !== null && (places.length === 0 || places.some((id) => form.querySelector(`#${CSS.escape(id)}`)));

for (const form of document.querySelectorAll("form[method=post i]")) {
  if (form.dataset.unsaved === "no" || !form.querySelector(FIELDS) || form.querySelector(SECRETS)) continue;
  const before = said(form);
  const returned = cameBack(form);
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && (returned || said(form) !== before)) event.preventDefault();
  });
}
