import type { HuffmanCode } from './huffman-code.ts';

/** Thrown when the input so far ends inside an element; the reader has to go back and wait for more. */
export const starved = new Error('more input is needed');

/** Takes bits out of a growing piece of input, the lowest of each byte first. */
export class BitReader {
  #input = new Uint8Array(0);
  #bit = 0;

  /** Adds input behind what has not been read yet. */
  add(input: Uint8Array): void {
    const rest = this.#input.subarray(this.#bit >> 3);
    const joined = new Uint8Array(rest.length + input.length);
    joined.set(rest);
    joined.set(input, rest.length);
    this.#input = joined;
    this.#bit &= 7;
  }

  get position(): number {
    return this.#bit;
  }

  set position(bit: number) {
    this.#bit = bit;
  }

  get bytesLeft(): number {
    return this.#input.length - ((this.#bit + 7) >> 3);
  }

  /** @param count 0 … 16. @throws starved */
  bits(count: number): number {
    if (this.#bit + count > this.#input.length * 8) throw starved;
    const value = this.#window() & ((1 << count) - 1);
    this.#bit += count;
    return value;
  }

  /** @throws starved, RangeError when the bits are no code */
  symbol(code: HuffmanCode): number {
    const found = code.lookUp(this.#window() & ((1 << code.bits) - 1));
    const length = found & 15;
    if (this.#bit + (length === 0 ? code.bits : length) > this.#input.length * 8) throw starved;
    if (length === 0) throw new RangeError('no such code');
    this.#bit += length;
    return found >> 4;
  }

  alignToByte(): void {
    this.#bit = (this.#bit + 7) & ~7;
  }

  /** Up to `count` whole bytes; the reader stands on a byte. */
  bytes(count: number): Uint8Array {
    const start = this.#bit >> 3;
    const taken = this.#input.subarray(start, start + count);
    this.#bit += taken.length * 8;
    return taken;
  }

  /** At least the next 17 bits; beyond the end 0. */
  #window(): number {
    const at = this.#bit >> 3;
    const low = (this.#input[at] ?? 0) | ((this.#input[at + 1] ?? 0) << 8) | ((this.#input[at + 2] ?? 0) << 16);
    return low >>> (this.#bit & 7);
  }
}
