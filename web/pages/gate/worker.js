// Keeps the shell of the page, so that it opens and can say that there is no network. Never an answer, never a code.
const KEPT = "gate-1";
const PATIENCE_MS = 2_500;
const SHELL = [
  "/gate?lang=fr",
  "/gate?lang=en",
  "/gate/gate.css",
  "/gate/page.js",
  "/gate/camera.js",
  "/gate/codes.js",
  "/gate/pairing.js",
  "/gate/phone.js",
  "/gate/sounds.js",
  "/gate/terminal.js",
  "/gate/vault.js",
  "/gate/verdict.js",
  "/gate/wedge.js",
  "/gate/words.js",
  "/gate/icon.svg",
  "/gate/icon-192.png",
  "/gate/icon-512.png",
  "/gate/manifest.fr.webmanifest",
  "/gate/manifest.en.webmanifest",
  "/tokens.css",
  "/static/zxing-wasm/share.js",
  "/static/zxing-wasm/reader/index.js",
  "/static/zxing-wasm/reader/zxing_reader.wasm",
];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(SHELL)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("gate-") && name !== KEPT;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const name = url.pathname === "/gate" ? `/gate?lang=${languageOf(url)}` : url.pathname;
  if (SHELL.includes(name)) event.respondWith(answer(event.request, name));
});

function languageOf(url) {
  const asked = url.searchParams.get("lang") ?? navigator.language.slice(0, 2);
  return asked === "en" ? "en" : "fr";
}

// The network first, so that a page is never older than its server; what is kept when it is away or slow.
async function answer(request, name) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!fresh.ok) throw new Error(fresh.status);
    await kept.put(name, fresh.clone());
    return fresh;
  } catch (problem) {
    const old = await kept.match(name);
    if (old) return old;
    throw problem;
  }
}
