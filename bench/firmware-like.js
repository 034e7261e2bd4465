/**
 * Numbers from a seed: the same seed gives the same firmware on every machine.
 * @param {number} seed not 0
 * @returns {() => number} 0 … 0xFFFFFFFF; the generator is Marsaglia's 32-bit xorshift
 */
function xorshift(seed) {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/**
 * Bytes as dense as firmware: idioms of 3 to 10 bytes, some common and most rare, with constants in between.
 * @param {number} length
 * @param {number} constants share of the places that hold 1 to 8 unrelated bytes instead; more of them deflate less
 * @param {number} seed
 */
function codeLike(length, constants, seed) {
  const next = xorshift(seed);
  const share = () => next() / 2 ** 32;
  const idioms = Array.from({ length: 2000 }, () =>
    Uint8Array.from({ length: 3 + (next() >>> 29) }, () => next() >>> 24),
  );
  const code = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const constant = share() < constants;
    const common = idioms[Math.floor(idioms.length * share() ** 4)] ?? new Uint8Array(3);
    const piece = constant ? Uint8Array.from({ length: 1 + (next() >>> 29) }, () => next() >>> 24) : common;
    code.set(piece.subarray(0, length - at), at);
    at += piece.length;
  }
  return code;
}

/** What the loader bench flashes. The sizes are those of the design; `constants` sets how far each one deflates. */
export const firmwares = {
  '1MiB': { bytes: 1024 * 1024, constants: 0.55, seed: 0x6a696764 },
  '416KB': { bytes: 416_524, constants: 0.4, seed: 0x62656e63 },
};

/**
 * An image that a job accepts at address 0: a sound header with one short segment, then code that stays in flash
 * (protocol reference §7.1).
 * @param {keyof typeof firmwares} name
 */
export function buildFirmware(name) {
  const { bytes, constants, seed } = firmwares[name];
  const image = codeLike(bytes, constants, seed);
  const segment = image.subarray(16, 16 + 32);
  const view = new DataView(image.buffer);
  image.set([0xe9, 1, 2, 0x40]);
  view.setUint32(4, 0x4010_0000, true);
  view.setUint32(8, 0x4010_0000, true);
  view.setUint32(12, segment.length, true);
  image.fill(0, 48, 63);
  image[63] = segment.reduce((sum, byte) => sum ^ byte, 0xef);
  return image;
}
