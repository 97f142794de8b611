// Keeps a page live: asks for it again, at most every half minute, and puts in what has changed. Without this file it is
// a page like any other. Who wants it to stand still says so, and is asked once.
const EVERY_MS = 30_000;
const steer = document.querySelector("[data-steer]");
let paused = sessionStorage.getItem("tour-paused") === "yes";

async function look() {
  if (document.hidden || paused) return;
  const answer = await fetch(location.href, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!answer.ok) return;
  told(navigator.onLine && !answer.headers.has("x-kept"));
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = next.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    // Untouched where nothing changed: a screen reader repeats what is replaced.
    if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
}

// A network that is away comes back: the next look shows it.
const again = () => look().catch(() => told(false));

const away = document.createElement("p");
away.className = "empty";
away.setAttribute("role", "status");

// Said once: a region that is written again is read out again.
function told(online) {
  const words = online ? "" : steer.dataset.offline;
  if (away.textContent !== words) away.textContent = words;
  away.hidden = online;
  // What was kept may be over: a flood level of then is hidden.
  document.documentElement.toggleAttribute("data-kept", !online);
}

if (steer) {
  const button = document.createElement("button");
  const word = () => (button.textContent = paused ? steer.dataset.resume : steer.dataset.pause);
  button.type = "button";
  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem("tour-paused", paused ? "yes" : "no");
    word();
    again();
  });
  word();
  steer.append(button);

  steer.parentElement.after(away);
  addEventListener("online", again);
  addEventListener("offline", () => told(false));
  told(navigator.onLine);
  // A page that the worker answers may be one that was kept: only a look can tell.
  if (navigator.serviceWorker?.controller) again();

  setInterval(again, EVERY_MS);
  document.addEventListener("visibilitychange", again);
}
