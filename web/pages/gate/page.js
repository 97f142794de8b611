// The page of a gate. Whoever decides is another module's: this terminal's own process (terminal.js), or the server, for
// an agent's phone (phone.js). A decider says
//   facing            which camera: "user" or "environment"
//   open()            -> { name, gates, gate, way }, or null while it is not paired
//   ask({credential, direction, gate}) -> { answer, alone }, or { silent: "offline" | "gone" | "refused" }
//   watch(tell)       calls tell(how the line is) from time to time, returns what looks at once
// What was read is asked about and forgotten: it is never written into the page, nor kept by the browser.
import { start } from "./camera.js";
import { credential } from "./codes.js";
import { play, wake } from "./sounds.js";
import { clear, show } from "./verdict.js";
import { listen } from "./wedge.js";
import { say } from "./words.js";

const SHOWN_MS = 2_000;
const LEAST_SHOWN_MS = 700;
const QUEUE = 3;
const SAME_GONE_MS = 1_500; // a code that is held on counts once; it may be shown again after so long out of sight
const LOOK_MS = 400; // from one look of the camera to the next, at most
const OTHER_GONE_MS = 400; // a phone draws a new code every few seconds: another code before that is the same phone

const part = (id) => document.getElementById(id);
const decider = await import(document.documentElement.dataset.decider === "phone" ? "./phone.js" : "./terminal.js");
const way = () => document.querySelector("input[name=way]:checked").value;

let paired = null;
let stopCamera = null;
let queue = Promise.resolve();
let queued = 0;
let idle = 0;

function found(text) {
  if (paired === null) pair(text);
  else if (queued < QUEUE) {
    queued += 1;
    queue = queue.then(() => settle(text)).finally(() => { queued -= 1; });
  }
}

async function settle(text) {
  clearTimeout(idle);
  part("ready").textContent = say("asking");
  const heard = await decider.ask({ credential: credential(text), direction: way(), gate: part("gate").value });
  const words = show(part("verdict"), heard);
  play(heard.answer?.outcome ?? "silent");
  part("last").textContent = say("last", { words });
  idle = setTimeout(wait, SHOWN_MS);
  if (heard.alone || heard.silent) look();
  await new Promise((go) => setTimeout(go, LEAST_SHOWN_MS));
}

function wait() {
  clearTimeout(idle);
  clear(part("verdict"));
  part("ready").textContent = say(`ready_${way()}`);
}

// --- the camera

let sight = { text: null, at: -Infinity };
let looked = 0;

function seen(text) {
  const at = performance.now();
  // While nobody looked, because the device had other things to do, nothing went out of sight.
  sight.at += Math.max(0, at - looked - LOOK_MS);
  looked = at;
  if (text === null) {
    if (at - sight.at > SAME_GONE_MS) sight = { text: null, at: -Infinity };
    return;
  }
  const gone = at - sight.at;
  const isNew = gone > (text === sight.text ? SAME_GONE_MS : OTHER_GONE_MS);
  const busy = queued > 0 || part("verdict").childElementCount > 0;
  if (isNew && busy) return; // the screen is somebody else's answer still
  sight = { text, at };
  if (isNew) found(text);
}

async function startCamera() {
  part("camera-trouble").textContent = "";
  try {
    stopCamera ??= await start(part("picture"), decider.facing, seen);
    part("picture").hidden = false;
    part("start").hidden = true;
    navigator.wakeLock?.request("screen").catch(() => {});
  } catch (problem) {
    part("picture").hidden = true;
    part("start").hidden = false;
    part("camera-trouble").textContent = say(problem.name === "NotAllowedError" ? "camera_refused" : "camera_none");
  }
}

// A page that nobody looks at sees nothing.
async function mind() {
  if (document.hidden) {
    stopCamera?.();
    stopCamera = null;
  } else if (part("start").hidden || (await allowed())) await startCamera();
}

async function allowed() {
  const permission = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
  return permission?.state === "granted";
}

// --- becoming a terminal

async function pair(text) {
  part("pair-trouble").textContent = "";
  try {
    await decider.pair(text);
    location.reload();
  } catch (problem) {
    if (!problem.key) throw problem;
    part("pair-trouble").textContent = say(problem.key, problem.what);
  }
}

// --- the line to the server

let look = () => {};

function tell(kind, what = {}) {
  const words = say(`line_${kind}`, what);
  part("line").dataset.kind = kind;
  // Untouched where nothing changed: a screen reader repeats what is replaced.
  if (part("line").textContent !== words) part("line").textContent = words;
}

function furnish() {
  part("name").textContent = paired?.name ?? "";
  part("waiting").hidden = part("typed-form").hidden = paired === null;
  part("pairing").hidden = paired !== null;
  part("camera").hidden = false;
  if (paired === null) {
    part("start").textContent = say("pair_scan");
    return;
  }
  part("gate").replaceChildren(...paired.gates.map((gate) => new Option(gate, gate, false, gate === paired.gate)));
  part("gates").hidden = paired.gates.length < 2;
  part("forget").hidden = !decider.forget;
  document.querySelector(`input[name=way][value=${paired.way}]`).checked = true;
  wait();
  look = decider.watch(tell);
}

part("start").addEventListener("click", startCamera);
part("verdict").addEventListener("click", wait);
part("gate").addEventListener("change", () => decider.choose?.(part("gate").value));
for (const one of document.querySelectorAll("input[name=way]")) one.addEventListener("change", wait);
part("typed-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = part("typed").value;
  part("typed").value = "";
  if (text.trim()) found(text);
});
part("pair-form").addEventListener("submit", (event) => {
  event.preventDefault();
  pair(part("pair-code").value);
});
part("forget").addEventListener("click", async () => {
  if (!confirm(say("pair_forget_sure"))) return;
  await decider.forget();
  location.reload();
});
addEventListener("keydown", (event) => {
  wake();
  if (event.key === "Escape") wait();
});
addEventListener("pointerdown", wake);
document.addEventListener("visibilitychange", mind);
listen(found);

paired = await decider.open();
furnish();
await mind();
navigator.serviceWorker?.register("/gate/worker.js", { scope: "/gate" }).catch(() => {});
