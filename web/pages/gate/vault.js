// What a phone keeps of being a terminal: its name, its gates, and a key that no script can read, this one neither.
const NAME = "multipass-gate";
const STORE = "terminal";

function asked(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

async function store(mode) {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  const base = await asked(request);
  return base.transaction(STORE, mode).objectStore(STORE);
}

export const load = async () => asked((await store("readonly")).get("one"));
export const keep = async (terminal) => asked((await store("readwrite")).put(terminal, "one"));
export const drop = async () => asked((await store("readwrite")).clear());

export function newKey() {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
}

export async function publicKey(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty, crv, x, y };
}

// A JWT (RFC 7519) by ES256.
export async function sign(claims, key) {
  const body = [{ alg: "ES256", typ: "JWT" }, claims].map((part) => base64(encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, encode(body));
  return `${body}.${base64(new Uint8Array(signature))}`;
}

const encode = (text) => new TextEncoder().encode(text);
const base64 = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
