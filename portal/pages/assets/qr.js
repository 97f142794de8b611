// Draws QR symbols (ISO/IEC 18004): capital letters and digits, level M, versions 10 to 13, as long as a pass's code is.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VERSIONS = [
  { version: 10, codewords: 346, ecc: 26, blocks: 5, places: [6, 28, 50] },
  { version: 11, codewords: 404, ecc: 30, blocks: 5, places: [6, 30, 54] },
  { version: 12, codewords: 466, ecc: 22, blocks: 8, places: [6, 32, 58] },
  { version: 13, codewords: 532, ecc: 22, blocks: 9, places: [6, 34, 62] },
];
const QUIET = 4;

// One path in an SVG of this size, with the quiet zone; one unit to the module.
export function path(text) {
  const rows = modules(text);
  const parts = [];
  rows.forEach((row, y) => row.forEach((dark, x) => dark && parts.push(`M${x + QUIET} ${y + QUIET}h1v1h-1z`)));
  return { side: rows.length + 2 * QUIET, d: parts.join("") };
}

// Rows of dark (true) and light modules. The mask is always the first: signatures look like noise under any.
export function modules(text) {
  const of = VERSIONS.find((one) => bitsOf(text) <= 8 * (one.codewords - one.ecc * one.blocks));
  if (!of) throw new RangeError(`${text.length} characters`);
  const side = 4 * of.version + 17;
  const dark = Array.from({ length: side }, () => new Array(side).fill(false));
  const fixed = Array.from({ length: side }, () => new Array(side).fill(false));
  const set = (x, y, value) => { dark[y][x] = value; fixed[y][x] = true; };
  drawPatterns(of, side, set);
  drawWords(side, fixed, dark, interleaved(of, words(of, text)));
  return dark;
}

function bitsOf(text) {
  return 4 + 11 + 11 * Math.floor(text.length / 2) + 6 * (text.length % 2);
}

function words(of, text) {
  const bits = [];
  const put = (value, length) => { for (let at = length - 1; at >= 0; at--) bits.push((value >>> at) & 1); };
  const numbers = [...text].map((letter) => ALPHABET.indexOf(letter));
  if (numbers.includes(-1)) throw new RangeError("a letter that has no place in the symbol");
  put(2, 4);
  put(text.length, 11);
  for (let at = 0; at + 1 < numbers.length; at += 2) put(numbers[at] * 45 + numbers[at + 1], 11);
  if (numbers.length % 2) put(numbers.at(-1), 6);
  const room = 8 * (of.codewords - of.ecc * of.blocks);
  put(0, Math.min(4, room - bits.length));
  put(0, -bits.length & 7);
  for (let pad = 0xec; bits.length < room; pad ^= 0xfd) put(pad, 8);
  return Array.from({ length: room / 8 }, (_, at) => bits.slice(8 * at, 8 * at + 8).reduce((sum, bit) => 2 * sum + bit, 0));
}

// The words of each block with those that repair it, taken in turn.
function interleaved(of, data) {
  const short = Math.floor(of.codewords / of.blocks) - of.ecc;
  const longer = of.blocks - (of.codewords % of.blocks);
  const divisor = divisorOf(of.ecc);
  const blocks = [];
  for (let number = 0, from = 0; number < of.blocks; number++) {
    const length = short + (number < longer ? 0 : 1);
    const block = data.slice(from, from + length);
    from += length;
    blocks.push({ block, repair: remainder(block, divisor) });
  }
  const taken = [];
  for (let at = 0; at <= short; at++) for (const one of blocks) if (at < one.block.length) taken.push(one.block[at]);
  for (let at = 0; at < of.ecc; at++) for (const one of blocks) taken.push(one.repair[at]);
  return taken;
}

// Products in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
function times(a, b) {
  let product = 0;
  for (let at = 7; at >= 0; at--) product = (product << 1) ^ ((product >>> 7) * 0x11d) ^ (((b >>> at) & 1) * a);
  return product;
}

function divisorOf(degree) {
  const result = [...new Array(degree - 1).fill(0), 1];
  for (let number = 0, root = 1; number < degree; number++, root = times(root, 2)) {
    for (let at = 0; at < degree; at++) result[at] = times(result[at], root) ^ (result[at + 1] ?? 0);
  }
  return result;
}

function remainder(data, divisor) {
  const result = new Array(divisor.length).fill(0);
  for (const one of data) {
    const factor = one ^ result.shift();
    result.push(0);
    divisor.forEach((coefficient, at) => { result[at] ^= times(coefficient, factor); });
  }
  return result;
}

function drawPatterns(of, side, set) {
  for (let at = 0; at < side; at++) { set(6, at, at % 2 === 0); set(at, 6, at % 2 === 0); }
  for (const [left, top] of [[3, 3], [side - 4, 3], [3, side - 4]]) square(left, top, 4, side, set);
  const last = of.places.length - 1;
  of.places.forEach((x, column) => of.places.forEach((y, row) => {
    const finder = (column === 0 && row === 0) || (column === 0 && row === last) || (column === last && row === 0);
    if (!finder) square(x, y, 2, side, set);
  }));
  drawFormat(side, set);
  drawVersion(of.version, side, set);
}

function square(x, y, reach, side, set) {
  for (let down = -reach; down <= reach; down++) {
    for (let across = -reach; across <= reach; across++) {
      const far = Math.max(Math.abs(down), Math.abs(across));
      const [at, to] = [x + across, y + down];
      if (at >= 0 && at < side && to >= 0 && to < side) set(at, to, reach === 4 ? far !== 2 && far !== 4 : far !== 1);
    }
  }
}

// Level M and mask 0 are the number 0: its fifteen bits are the constant of the norm.
function drawFormat(side, set) {
  const bit = (at) => ((0x5412 >>> at) & 1) !== 0;
  for (let at = 0; at <= 5; at++) set(8, at, bit(at));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let at = 9; at < 15; at++) set(14 - at, 8, bit(at));
  for (let at = 0; at < 8; at++) set(side - 1 - at, 8, bit(at));
  for (let at = 8; at < 15; at++) set(8, side - 15 + at, bit(at));
  set(8, side - 8, true);
}

function drawVersion(version, side, set) {
  let rest = version;
  for (let at = 0; at < 12; at++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let at = 0; at < 18; at++) {
    const [far, near] = [side - 11 + (at % 3), Math.floor(at / 3)];
    set(far, near, ((bits >>> at) & 1) !== 0);
    set(near, far, ((bits >>> at) & 1) !== 0);
  }
}

function drawWords(side, fixed, dark, data) {
  let at = 0;
  for (let right = side - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < side; step++) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? side - 1 - step : step;
        if (fixed[y][x]) continue;
        const bit = at < 8 * data.length && ((data[at >>> 3] >>> (7 - (at & 7))) & 1) !== 0;
        dark[y][x] = bit !== ((x + y) % 2 === 0);
        at++;
      }
    }
  }
}
