const MAX_BITS = 15;

/** A canonical prefix code of RFC 1951 §3.2.2, looked up with the next 15 bits of the stream. */
export class HuffmanCode {
  /** (symbol << 4 | length) by the stream's bits, first bit lowest; 0: no such code. */
  readonly #table: Uint16Array;
  readonly #bits: number;

  /** @param lengths bits of the code of each symbol; 0: not used. @throws RangeError when they make no code */
  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(MAX_BITS + 1);
    for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
    counts[0] = 0;
    const next = new Uint16Array(MAX_BITS + 2);
    let used = 0;
    let space = 0;
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      const count = counts[bits] ?? 0;
      next[bits + 1] = ((next[bits] ?? 0) + count) << 1;
      used += count;
      space += count << (MAX_BITS - bits);
    }
    // Only a single code may leave room, RFC 1951 §3.2.7.
    if (space > 1 << MAX_BITS || (space < 1 << MAX_BITS && used > 1)) throw new RangeError('not a prefix code');
    this.#bits = Math.max(1, ...lengths);
    this.#table = new Uint16Array(1 << this.#bits);
    lengths.forEach((length, symbol) => {
      if (length > 0) this.#fill(symbol, length, (next[length] = (next[length] ?? 0) + 1) - 1);
    });
  }

  /** How many bits `lookUp` wants at most. */
  get bits(): number {
    return this.#bits;
  }

  /** @param window the next `bits` bits of the stream. @returns symbol << 4 | length, or 0 for no code */
  lookUp(window: number): number {
    return this.#table[window] ?? 0;
  }

  #fill(symbol: number, length: number, code: number): void {
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let at = reversed; at < this.#table.length; at += 1 << length) this.#table[at] = (symbol << 4) | length;
  }
}

/** Code lengths of a block with fixed codes, RFC 1951 §3.2.6. */
export function fixedLiteralCode(): HuffmanCode {
  return new HuffmanCode(
    Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  );
}

export function fixedDistanceCode(): HuffmanCode {
  return new HuffmanCode(new Uint8Array(32).fill(5));
}
