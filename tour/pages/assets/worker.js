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
    const kept = await caches.match(request, { ignoreVary: true });
    if (!kept) throw away;
    const headers = new Headers(kept.headers);
    headers.set("X-Kept", "yes");
    return new Response(await kept.blob(), { status: kept.status, headers });
  }
}
