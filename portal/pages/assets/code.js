// What a phone says of itself, as nfc/phone_code.py and nfc/phone_binding.py read it: COSE_Sign1 by a key that never leaves.
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const ESP256 = Uint8Array.of(0xa1, 0x01, 0x28);
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

export async function newKey() {
  return crypto.subtle.generateKey(CURVE, false, ["sign"]);
}

// The code of this second: `MP1:` and what the key has signed of the moment and the credential.
export async function codeOf(key, credential, seconds) {
  const payload = array(whole(seconds), bytes(credential));
  return `MP1:${base45(await sign(key, payload, "MPS-QR1"))}`;
}

// The proof that this key is here, and is to show this pass.
export async function proofOf(pair, number, seconds) {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)).slice(1);
  const payload = array(whole(seconds), text(number), bytes(point));
  return base64url(await sign(pair.privateKey, payload, "MPS-BIND1"));
}

export function fromBase64url(said) {
  const plain = atob(said.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function sign(key, payload, purpose) {
  const about = array(text("Signature1"), bytes(ESP256), bytes(new TextEncoder().encode(purpose)), bytes(payload));
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, about);
  return array(bytes(ESP256), Uint8Array.of(0xa0), bytes(payload), bytes(new Uint8Array(signature)));
}

// CBOR (RFC 8949), as much of it as is said here.
function head(major, value) {
  const first = major << 5;
  if (value < 24) return [first | value];
  if (value < 0x100) return [first | 24, value];
  if (value < 0x10000) return [first | 25, value >>> 8, value & 0xff];
  return [first | 26, value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

const whole = (value) => Uint8Array.from(head(0, value));
const bytes = (value) => Uint8Array.from([...head(2, value.length), ...value]);
const text = (value) => { const said = new TextEncoder().encode(value); return Uint8Array.from([...head(3, said.length), ...said]); };
const array = (...items) => Uint8Array.from([...head(4, items.length), ...items.flatMap((item) => [...item])]);

function base45(data) {
  let said = "";
  for (let at = 0; at < data.length; at += 2) {
    const pair = at + 1 < data.length;
    let value = pair ? data[at] * 256 + data[at + 1] : data[at];
    for (let letter = 0; letter < (pair ? 3 : 2); letter++) {
      said += BASE45[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return said;
}

function base64url(data) {
  return btoa(String.fromCharCode(...data)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
