// Keeps the page that shows passes, so that it opens without network. Never a code, never what somebody's page says.
addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(SHELL)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("pass-") && name !== KEPT;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (SHELL.includes(url.pathname)) event.respondWith(answer(event.request, url.pathname));
});

// The network first, so that a page is never older than its server; what is kept when it is away.
async function answer(request, name) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (!fresh.ok) throw new Error(fresh.status);
    await kept.put(name, fresh.clone());
    return fresh;
  } catch {
    return (await kept.match(name)) ?? Response.error();
  }
}
