// Places that somebody keeps lie in their browser. A link takes them to another one, behind its #: no server sees that.
const KEY = "tour-places";
const MOST = 100;

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(kept) ? kept : []);
  } catch {
    return new Set();
  }
}

const write = (kept) => localStorage.setItem(KEY, JSON.stringify([...kept].slice(0, MOST)));
const page = document.querySelector("[data-mine]");
const cards = [...document.querySelectorAll("[data-held]")];
const places = [...document.querySelectorAll("[data-place]")];

function show() {
  const kept = read();
  for (const place of places) {
    const here = kept.has(place.dataset.place);
    const button = place.querySelector("button");
    button.textContent = here ? place.dataset.drop : place.dataset.keep;
  }
  if (!page) return;
  for (const card of cards) card.hidden = !kept.has(card.dataset.held);
  const some = cards.some((card) => !card.hidden);
  page.hidden = false;
  page.querySelector("[data-none]").hidden = some;
  const share = page.querySelector("[data-share]");
  share.hidden = !some;
  share.querySelector("a").href = `/tour/mine${location.search}#${[...kept].map(encodeURIComponent).join(",")}`;
}

for (const place of places) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-describedby", `place-${place.dataset.place}`);
  button.addEventListener("click", () => {
    const kept = read();
    if (!kept.delete(place.dataset.place)) kept.add(place.dataset.place);
    write(kept);
    show();
  });
  place.prepend(button, " ");
  place.hidden = false;
}

function bring() {
  if (!page || location.hash.length < 2) return;
  const known = new Set(cards.map((card) => card.dataset.held));
  const brought = location.hash.slice(1).split(",").map(decodeURIComponent).filter((slug) => known.has(slug));
  write(new Set([...read(), ...brought]));
  history.replaceState(null, "", location.pathname + location.search);
}

addEventListener("hashchange", () => (bring(), show()));
addEventListener("storage", show);
bring();
show();
