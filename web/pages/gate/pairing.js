// What an agent's screen shows to a phone that is to become a terminal (nfc/pairing_code.py).
//
//     MPP1: base45( JSON [address, code] )

const PREFIX = "MPP1:";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const TYPED = /^[0-9A-Z -]{4,40}$/i;

// The code in what was scanned or typed. Throws the key of the words that say what is wrong, and what they need.
export function read(text) {
  if (!text.startsWith(PREFIX)) {
    if (TYPED.test(text.trim())) return text.trim();
    throw new Unfit("pair_not_one");
  }
  let server, code;
  try {
    [server, code] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decode(text.slice(PREFIX.length))));
    server = new URL(server).origin;
  } catch {
    throw new Unfit("pair_not_one");
  }
  // The key stays with the page that made it: a code of another server is for that server's page.
  if (server !== location.origin) throw new Unfit("pair_elsewhere", { server });
  return String(code);
}

export class Unfit extends Error {
  constructor(key, what = {}) {
    super(key);
    this.key = key;
    this.what = what;
  }
}

// RFC 9285.
function decode(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = [...text.slice(at, at + 3)].map((letter) => ALPHABET.indexOf(letter));
    const group = values.reduceRight((sum, value) => sum * 45 + value, 0);
    if (values.includes(-1) || values.length === 1 || group > (values.length === 3 ? 0xffff : 0xff)) throw new Error();
    if (values.length === 3) bytes.push(group >> 8);
    bytes.push(group & 0xff);
  }
  return new Uint8Array(bytes);
}
