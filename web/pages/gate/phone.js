// The page of an agent's phone: a paired terminal whose key lives in this browser. The server decides; this page never.
import { read, Unfit } from "./pairing.js";
import * as vault from "./vault.js";

const PATIENCE_MS = 3_000;
const TRY_MS = 1_500;
const TRIES = 3;
const PAUSE_MS = 200;
const REST_MS = 30_000;
const REMEMBER_MS = 60_000;
const BEAT_MS = 60_000;
const LOOK_MS = 5_000;
const BUSY = new Set([429, 502, 503, 504]);

export const facing = "environment";

class NoAnswer extends Error {}
class Revoked extends Error {}
class Refused extends Error {}

let terminal = null;
let token = { text: "", until: 0 };
let offset = 0; // the server's clock less ours, in milliseconds
let unanswered = null;

export async function open() {
  terminal = (await vault.load()) ?? null;
  return terminal && { name: terminal.name, gates: terminal.gates, gate: terminal.gate, way: "entry" };
}

// Become a terminal of this server: make a key, show its public half with the code.
export async function pair(text) {
  const code = read(text);
  const key = await vault.newKey();
  let answer;
  try {
    // Not tried again: a code that has been spent pairs nobody.
    answer = await send("/v1/terminals/pairings", { code, publicKey: await vault.publicKey(key) }, 10_000);
  } catch {
    throw new Unfit("pair_offline");
  }
  if (BUSY.has(answer.status) && answer.status !== 429) throw new Unfit("pair_offline");
  if (!answer.ok) throw new Unfit("pair_refused");
  const { terminalId, name, gates, profile } = await answer.json();
  if (profile === "kiosk") throw new Unfit("pair_other_kind");
  await vault.keep({ id: terminalId, name, gates, gate: gates[0], key: key.privateKey });
  navigator.storage?.persist?.();
}

export const forget = () => vault.drop();

export async function choose(gate) {
  terminal = { ...terminal, gate };
  await vault.keep(terminal);
}

// A question that got no answer keeps its key: shown again within a minute, the pass counts once.
export async function ask({ credential, direction, gate }) {
  const until = performance.now() + PATIENCE_MS;
  try {
    await proven(until); // first, because it may teach us the server's time
    if (!isSame(unanswered, { credential, direction, gate })) {
      unanswered = { key: crypto.randomUUID(), gate, credential, direction, terminalTime: now().toISOString() };
    }
    const question = unanswered;
    setTimeout(() => { if (unanswered === question) unanswered = null; }, REMEMBER_MS);
    const answer = await authorised("/v1/access/validations", question, until);
    unanswered = null;
    return { answer, alone: false };
  } catch (problem) {
    if (problem instanceof NoAnswer) return { silent: "offline" };
    unanswered = null;
    if (problem instanceof Revoked || problem instanceof Refused) return { silent: "refused" };
    throw problem;
  }
}

// Say to the server how this phone is, which tells us how the line is.
export function watch(tell) {
  let next = 0;
  const look = async () => {
    if (document.hidden) return;
    next = performance.now() + BEAT_MS;
    try {
      await proven(performance.now() + PATIENCE_MS);
      const body = { version: "page-1", terminalTime: new Date().toISOString(), backlog: 0, gate: terminal.gate };
      await authorised("/v1/terminals/heartbeats", body, performance.now() + PATIENCE_MS);
      tell("up");
    } catch (problem) {
      if (problem instanceof NoAnswer) next = 0;
      tell(problem instanceof Revoked ? "revoked" : problem instanceof NoAnswer ? "phone" : "up");
    }
  };
  setInterval(() => { if (performance.now() >= next) look(); }, LOOK_MS);
  addEventListener("offline", () => { next = 0; tell("phone"); });
  addEventListener("online", look);
  look();
  return look;
}

const now = () => new Date(Date.now() + offset);
const isSame = (one, other) => one !== null && Object.entries(other).every(([name, value]) => one[name] === value);

async function proven(until) {
  if (performance.now() < token.until) return;
  let answer = await patiently("/v1/terminals/tokens", async () => ({ assertion: await assertion() }), until);
  if (answer.status === 401) {
    const problem = await answer.json();
    if (problem.code !== "clock-skew") throw new Revoked();
    offset = Date.parse(problem.serverTime) - Date.now();
    answer = await patiently("/v1/terminals/tokens", async () => ({ assertion: await assertion() }), until);
  }
  if (answer.status === 401) throw new Revoked();
  if (!answer.ok) throw new Refused();
  const { accessToken, expiresIn, serverTime } = await answer.json();
  offset = Date.parse(serverTime) - Date.now();
  token = { text: accessToken, until: performance.now() + expiresIn * 1_000 - REST_MS };
}

function assertion() {
  const at = Math.floor(now().getTime() / 1_000);
  const claims = { iss: terminal.id, sub: terminal.id, aud: "multipass:terminal-token", iat: at, exp: at + 60 };
  return vault.sign({ ...claims, jti: crypto.randomUUID() }, terminal.key);
}

async function authorised(path, body, until) {
  let answer = await patiently(path, () => body, until);
  if (answer.status === 401) {
    token = { text: "", until: 0 }; // ended early, or taken away: the next proof of key tells which
    await proven(until);
    answer = await patiently(path, () => body, until);
  }
  if (answer.status === 401) throw new Revoked();
  if (answer.status >= 500) throw new NoAnswer();
  if (!answer.ok) throw new Refused();
  return answer.status === 204 ? null : answer.json();
}

// Ask until somebody answers, for as long as a person waits.
async function patiently(path, make, until) {
  for (let turn = 1; turn <= TRIES; turn += 1) {
    const left = until - performance.now();
    if (left <= 0) break;
    try {
      const answer = await send(path, await make(), Math.min(TRY_MS, left));
      if (!BUSY.has(answer.status)) return answer;
    } catch {
      // Nobody there, or too slow: once more, while there is time.
    }
    await new Promise((go) => setTimeout(go, Math.min(PAUSE_MS * turn, Math.max(0, until - performance.now()))));
  }
  throw new NoAnswer();
}

function send(path, body, ms) {
  const headers = { "Content-Type": "application/json" };
  if (token.text) headers.Authorization = `Bearer ${token.text}`;
  return fetch(path, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(ms),
  });
}
