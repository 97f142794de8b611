// What somebody has seen of a walk stays in their browser; the walk itself can be taken along without a network.
const list = document.querySelector("[data-walk]");
const stops = [...document.querySelectorAll("[data-stop]")];
const progress = document.querySelector("[data-progress]");
const key = `tour-walk-${list.dataset.walk}`;

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
    return new Set(Array.isArray(kept) ? kept : []);
  } catch {
    return new Set();
  }
}

function show(seen) {
  for (const stop of stops) {
    const here = seen.has(stop.dataset.stop);
    stop.classList.toggle("done", here);
    const button = stop.querySelector("button");
    button.textContent = here ? list.dataset.unseen : list.dataset.seen;
  }
  const count = stops.filter((stop) => seen.has(stop.dataset.stop)).length;
  progress.textContent = progress.dataset.progress.replace("{seen}", count).replace("{all}", stops.length);
}

for (const stop of stops) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-describedby", `stop-${stop.dataset.stop}`);
  stop.querySelector("h3").id = `stop-${stop.dataset.stop}`;
  button.addEventListener("click", () => {
    const seen = read();
    if (!seen.delete(stop.dataset.stop)) seen.add(stop.dataset.stop);
    localStorage.setItem(key, JSON.stringify([...seen]));
    show(seen);
  });
  stop.querySelector(".card").append(button);
}
if (stops.length) {
  progress.hidden = false;
  document.querySelector("[data-private]").hidden = false;
  show(read());
}

const pack = document.querySelector("[data-pack]");
if (stops.length && "serviceWorker" in navigator) {
  const button = document.createElement("button");
  const told = document.createElement("p");
  button.type = "button";
  button.textContent = pack.dataset.pack;
  told.setAttribute("role", "status");
  told.className = "quiet";
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = pack.dataset.packing;
    try {
      await navigator.serviceWorker.register("/tour/worker.js");
      const worker = (await navigator.serviceWorker.ready).active;
      const answer = new MessageChannel();
      const done = new Promise((settle) => (answer.port1.onmessage = (event) => settle(event.data)));
      const needed = stops.flatMap((stop) => stop.dataset.keep.split(" "));
      const pages = needed.map((path) => (path.startsWith("/tour/points/") ? path + location.search : path));
      const files = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.href || one.src);
      worker.postMessage({ keep: [location.pathname + location.search, ...pages, ...files] }, [answer.port2]);
      told.textContent = (await done) ? pack.dataset.packed : pack.dataset.unpacked;
    } catch {
      told.textContent = pack.dataset.unpacked;
    }
    button.disabled = false;
  });
  pack.append(button, told);
}
