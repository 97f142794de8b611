// Keeps what a walk needs for when there is no network. With a network everything comes from it, so that nothing old is
// ever shown as new; without one, what was kept is marked as kept.
const STORE = "tour-1";
const MOST = 200;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const paths = event.data.keep.slice(0, MOST);
  event.waitUntil(keep(paths).then((well) => event.ports[0].postMessage(well)));
});

async function keep(paths) {
  const store = await caches.open(STORE);
  const settled = await Promise.allSettled(
    paths.map(async (path) => {
      const answer = await fetch(path, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(path);
      await store.put(path, answer);
    }),
  );
  // A photo that is missing spoils no walk; a page does.
  return settled.every((one, place) => one.status === "fulfilled" || paths[place].startsWith("/tour/media/"));
}

self.addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  const ours = asked.origin === location.origin && event.request.method === "GET";
  if (ours && !asked.pathname.startsWith("/v1/")) event.respondWith(answer(event.request));
});

async function answer(request) {
  try {
    return await fetch(request);
  } catch (away) {
    const whole = request.mode === "navigate";
    const kept =
      (await caches.match(request, { ignoreVary: true })) ??
      // Another language was asked for: what was kept is better than nothing.
      (whole && (await caches.match(request, { ignoreVary: true, ignoreSearch: true })));
    if (!kept && whole) return missing();
    if (!kept) throw away;
    const headers = new Headers(kept.headers);
    headers.set("X-Kept", "yes");
    return new Response(await kept.blob(), { status: kept.status, headers });
  }
}

const NOT_KEPT = {
  fr: ["Pas de réseau", "Cette page n’a pas été emportée. Celles de votre promenade s’ouvrent toujours.", "Revenir"],
  en: ["No network", "This page was not taken along. Those of your walk still open.", "Go back"],
};

function missing() {
  const language = navigator.language.startsWith("fr") ? "fr" : "en";
  const [title, words, back] = NOT_KEPT[language];
  return new Response(
    `<!doctype html><html lang="${language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${title}</title><main><h1>${title}</h1><p>${words}</p><p><a href="/tour">${back}</a></p></main></html>`,
    { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } },
  );
}
