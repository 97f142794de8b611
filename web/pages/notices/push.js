// Notices on this browser, without an account: it asks its push service for an address, and gives it to the city.
const part = document.querySelector("[data-push]");
const [start, stop] = part.querySelectorAll("button");
const told = part.querySelector("[role=status]");
const say = part.dataset;

const SCOPE = "/notices/push/";
const known = async () => (await navigator.serviceWorker.getRegistration(SCOPE))?.pushManager.getSubscription();

function show(is_on) {
  start.textContent = is_on ? say.change : say.start;
  stop.hidden = !is_on;
}

async function send(path, body) {
  const answer = await fetch(`/notices/${say.authority}/browser${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
}

async function address() {
  const worker = await navigator.serviceWorker.register("/notices/push/worker.js", { scope: SCOPE });
  const coming = worker.installing ?? worker.waiting;
  // This page is not in its scope, so that `ready` never comes: we wait until it runs.
  while (!worker.active) await new Promise((go) => coming.addEventListener("statechange", go, { once: true }));
  const asked = { userVisibleOnly: true, applicationServerKey: say.push };
  try {
    return await worker.pushManager.subscribe(asked);
  } catch (problem) {
    // Asked for with another key of the city's before: begin anew.
    const before = await worker.pushManager.getSubscription();
    if (!before) throw problem;
    await before.unsubscribe();
    return worker.pushManager.subscribe(asked);
  }
}

start.addEventListener("click", async () => {
  const form = new FormData(part.closest("form"));
  const follow = form.getAll("follow");
  told.textContent = "";
  if (!follow.length) return void (told.textContent = say.none);
  const [begins, ends] = [form.get("quiet_begins"), form.get("quiet_ends")];
  if (begins === ends ? begins : !(begins && ends)) return void (told.textContent = say.silence);
  const quiet = begins ? { begins, ends } : null;
  if ((await Notification.requestPermission()) !== "granted") return void (told.textContent = say.denied);
  start.disabled = true;
  try {
    const { endpoint, keys } = (await address()).toJSON();
    const band = Number(form.get("band") ?? 3);
    await send("", { endpoint, keys, follow, band, language: form.get("language"), quiet });
    show(true);
    told.textContent = say.done;
  } catch {
    told.textContent = say.failed;
  }
  start.disabled = false;
});

stop.addEventListener("click", async () => {
  try {
    const mine = await known();
    if (mine) {
      await send("/end", { endpoint: mine.endpoint });
      await mine.unsubscribe();
    }
    show(false);
    told.textContent = say.stopped;
  } catch {
    told.textContent = say.failed;
  }
});

if ("PushManager" in window && "serviceWorker" in navigator && "Notification" in window) {
  part.hidden = false;
  show(Boolean(await known()));
}
