// Keeps the page live: asks for it again, and puts in what has changed. Without this file it is a page like any other.
const EVERY_MS = 30_000;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { "Accept-Language": document.documentElement.lang } });
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = next.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    // Untouched where nothing changed: a screen reader repeats what is replaced.
    if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
}

// A network that is away comes back: the next look shows it.
const again = () => look().catch(() => {});
setInterval(again, EVERY_MS);
document.addEventListener("visibilitychange", again);
