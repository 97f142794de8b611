// Makes this browser show a pass: a key of its own for it, proved once to the city.
import { fromBase64url, newKey, proofOf } from "./code.js";
import { cityAhead } from "./clock.js";
import { all, keep } from "./vault.js";

const page = document.querySelector("#tie");
const button = page.querySelector("button");
const trouble = page.querySelector("[role=alert]");

const can = Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
const tied = can && (await shows().catch(() => false));

button.hidden = !can || tied;
document.querySelector("#tied").hidden = !tied;
button.addEventListener("click", async () => {
  button.disabled = true;
  trouble.hidden = true;
  try {
    await tie();
    location.assign("/moi/app");
  } catch {
    trouble.hidden = false;
    button.disabled = false;
  }
});

// Whether this browser shows the pass already, by a key that the city still takes: a second one would be a second phone.
async function shows() {
  const { number, media } = page.dataset;
  return (await all()).some((one) => one.number === number && media.split(" ").includes(one.medium));
}

async function tie() {
  const { number, name, city } = page.dataset;
  const ahead = (await cityAhead()) ?? 0;
  const pair = await newKey();
  const proof = await proofOf(pair, number, Math.floor((Date.now() + ahead) / 1000));
  const csrf = page.querySelector("[name=csrf]").value;
  const answer = await fetch(location.pathname, { method: "POST", body: new URLSearchParams({ csrf, proof }) });
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  const tied = await answer.json();
  await keep({
    number, name, city, ahead,
    key: pair.privateKey,
    medium: tied.medium.id,
    credential: fromBase64url(tied.credential),
    until: Date.parse(tied.renewBefore),
  });
}
