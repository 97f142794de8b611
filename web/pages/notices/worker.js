// Shows a notice that comes while no page is open. One that comes twice has the same tag: it is shown once.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const { title, body, tag, lang, url } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  // Nowhere but to the city that this worker is of.
  const { pathname, search } = new URL(event.notification.data.url);
  event.waitUntil(self.clients.openWindow(pathname + search));
});
