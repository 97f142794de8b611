// The pass on the screen: a code that is new every ten seconds, with or without network.
import { codeOf, fromBase64url } from "./code.js";
import { cityAhead } from "./clock.js";
import { path } from "./qr.js";
import { all, change, forget } from "./vault.js";

const EVERY_MS = 10_000;
const OFF_MS = 30_000;
const SOON_MS = 7 * 24 * 3_600_000;
const DAY = { weekday: "long", day: "numeric", month: "long" };
const IS_FRENCH = document.documentElement.lang === "fr";
const LANGUAGE = IS_FRENCH ? "fr-FR" : "en-GB";
const page = document.querySelector("#app");
const part = (name) => page.querySelector(`[data-part=${name}]`);
let passes = [];
let shown = null;

navigator.serviceWorker?.register("/moi/service-worker.js", { scope: "/moi/" });
document.addEventListener("visibilitychange", () => { if (!document.hidden) { stayAwake(); show(); } });
addEventListener("online", meetCity);
addEventListener("offline", () => say("offline", true));
part("forget").addEventListener("click", leave);
await begin();

async function begin() {
  passes = await all();
  shown = passes[0] ?? null;
  part("none").hidden = shown !== null;
  part("pass").hidden = shown === null;
  if (!shown) return;
  drawChoice();
  drawLeft();
  stayAwake();
  await show();
  setInterval(show, EVERY_MS);
  await meetCity();
}

function drawChoice() {
  const choice = part("choice");
  choice.hidden = passes.length < 2;
  choice.replaceChildren(...passes.map((pass) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = pass.name;
    button.setAttribute("aria-pressed", String(pass === shown));
    button.addEventListener("click", () => { shown = pass; drawChoice(); drawLeft(); show(); });
    return button;
  }));
}

// As the city's own pages say it: "lundi 23 novembre à 9 h 05".
function moment(at) {
  const [hours, minutes] = [at.getHours(), String(at.getMinutes()).padStart(2, "0")];
  const time = IS_FRENCH ? `à ${hours}\u00a0h\u00a0${minutes}` : `at ${hours}:${minutes}`;
  return `${at.toLocaleDateString(LANGUAGE, DAY)} ${time}`;
}

// What is left, as the city last said it: folded up, for whoever stands behind.
function drawLeft() {
  say("left", Boolean(shown.rights));
  if (!shown.rights) return;
  part("at").textContent = moment(new Date(shown.readAt));
  const page = new DOMParser().parseFromString(shown.rights, "text/html");
  part("rights").replaceChildren(...page.body.childNodes);
}

async function show() {
  const pass = shown;
  const now = Date.now() + pass.ahead;
  part("name").textContent = pass.name;
  part("city").textContent = pass.city;
  say("over", now >= pass.until);
  say("soon", now < pass.until && pass.until - now < SOON_MS);
  part("day").textContent = new Date(pass.until).toLocaleDateString(LANGUAGE, DAY);
  say("stopped", Boolean(pass.stopped));
  say("clock", Math.abs(pass.ahead) > OFF_MS);
  const isOver = now >= pass.until || Boolean(pass.stopped);
  for (const name of ["picture", "ring", "renewed"]) say(name, !isOver);
  if (isOver) return;
  const seconds = Math.floor(now / 1000);
  const { side, d } = path(await codeOf(pass.key, pass.credential, seconds));
  if (pass !== shown) return;
  const drawing = part("picture").querySelector("svg");
  drawing.setAttribute("viewBox", `0 0 ${side} ${side}`);
  drawing.querySelector("path").setAttribute("d", d);
  part("picture").dataset.second = seconds;
  const ring = part("ring");
  ring.replaceWith(ring.cloneNode(true)); // its ten seconds begin again
}

// With network: look at the clock, and fetch what lets the phone show codes for another thirty days.
async function meetCity() {
  const ahead = await cityAhead();
  say("offline", ahead === null);
  if (ahead === null) return;
  for (const pass of passes) {
    pass.ahead = ahead;
    await renew(pass);
    await read(pass);
    await change(pass);
  }
  drawLeft();
  await show();
}

// What the pass opens and what is left, from its own page: kept here for when there is no network.
async function read(pass) {
  const answer = await fetch(`/moi/passes/${pass.number}`, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  pass.rights = [...page.querySelectorAll("section[aria-labelledby=rights] .card")].map((one) => one.outerHTML).join("");
  pass.readAt = Date.now() + pass.ahead;
}

async function renew(pass) {
  const where = `/moi/passes/${pass.number}/phones/${pass.medium}/credential`;
  const answer = await fetch(where, { redirect: "manual", cache: "no-store" }).catch(() => null);
  pass.stopped = answer ? answer.status === 409 : pass.stopped;
  if (!answer?.ok) return; // logged out, or somebody else is: what is here stays good until it is over
  const renewed = await answer.json();
  pass.credential = fromBase64url(renewed.credential);
  pass.until = Date.parse(renewed.renewBefore);
}

// The key goes first: whatever the city is told afterwards, this browser shows nothing more.
async function leave() {
  await forget(shown.number);
  if (navigator.onLine) location.assign(`/moi/passes/${shown.number}/media/${shown.medium}/block`);
  else location.reload();
}

function say(name, is) {
  part(name).hidden = !is;
}

async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // The battery is low, or the page is not in front: the screen goes dark as it always does.
  }
}
