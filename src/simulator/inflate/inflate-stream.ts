import { BitReader, starved } from './bit-reader.ts';
import { fixedDistanceCode, fixedLiteralCode, HuffmanCode } from './huffman-code.ts';

const WINDOW_BYTES = 0x8000;
const END_OF_BLOCK = 256;

type State = 'header' | 'block' | 'stored' | 'coded' | 'trailer' | 'done' | 'failed';

/**
 * Inflates a zlib stream piece by piece and at once, as the loaders in RAM do; `node:zlib` offers only whole buffers
 * or callbacks. RFC 1950 and 1951. The trailer is read, not compared: see `trailer`.
 */
export class InflateStream {
  readonly #reader = new BitReader();
  #state: State = 'header';
  #last = false;
  #storedLeft = 0;
  #literals = fixedLiteralCode();
  #distances = fixedDistanceCode();
  /** The window, followed by what the present piece has brought. */
  #out = new Uint8Array(2 * WINDOW_BYTES);
  #length = WINDOW_BYTES;
  #trailer = 0;

  /** The end of the stream was read, also its trailer. */
  get finished(): boolean {
    return this.#state === 'done';
  }

  /** The input is no zlib stream; nothing more comes out. */
  get failed(): boolean {
    return this.#state === 'failed';
  }

  /** All the data were read; the trailer may still be missing. */
  get complete(): boolean {
    return this.#state === 'done' || this.#state === 'trailer';
  }

  /** The Adler-32 that the stream ends with; 0 before. */
  get trailer(): number {
    return this.#trailer;
  }

  /** Input behind the end of the stream, bytes. */
  get surplusBytes(): number {
    return this.#state === 'done' ? this.#reader.bytesLeft : 0;
  }

  /** @returns what the input brings; up to the fault when there is one */
  push(input: Uint8Array): Uint8Array {
    this.#out.copyWithin(0, this.#length - WINDOW_BYTES, this.#length);
    this.#length = WINDOW_BYTES;
    this.#reader.add(input);
    let position = this.#reader.position;
    try {
      while (!this.finished && !this.failed) {
        position = this.#reader.position;
        this.#step();
      }
    } catch (error) {
      if (error === starved) this.#reader.position = position;
      else if (error instanceof RangeError) this.#state = 'failed';
      else throw error;
    }
    return this.#out.slice(WINDOW_BYTES, this.#length);
  }

  /** Reads one element. When it throws, nothing but the reader's position has changed. */
  #step(): void {
    switch (this.#state) {
      case 'header':
        this.#header();
        break;
      case 'block':
        this.#block();
        break;
      case 'stored':
        this.#stored();
        break;
      case 'coded':
        this.#coded();
        break;
      case 'trailer':
        this.#readTrailer();
        break;
      case 'done':
      case 'failed':
        break;
    }
  }

  #header(): void {
    const [method, flags] = [this.#reader.bits(8), this.#reader.bits(8)];
    if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0 || (flags & 0x20) !== 0)
      throw new RangeError('header');
    this.#state = 'block';
  }

  #block(): void {
    const last = this.#reader.bits(1) === 1;
    const kind = this.#reader.bits(2);
    if (kind === 3) throw new RangeError('kind of block');
    if (kind === 0) {
      this.#reader.alignToByte();
      const [length, check] = [this.#reader.bits(16), this.#reader.bits(16)];
      if ((length ^ check) !== 0xffff) throw new RangeError('length of a stored block');
      this.#storedLeft = length;
    } else if (kind === 1) {
      this.#literals = fixedLiteralCode();
      this.#distances = fixedDistanceCode();
    } else {
      [this.#literals, this.#distances] = this.#readCodes();
    }
    this.#last = last;
    this.#state = kind === 0 ? 'stored' : 'coded';
  }

  #readCodes(): readonly [HuffmanCode, HuffmanCode] {
    const [literals, distances, lengths] = [
      this.#reader.bits(5) + 257,
      this.#reader.bits(5) + 1,
      this.#reader.bits(4) + 4,
    ];
    const lengthLengths = new Uint8Array(19);
    for (const symbol of lengthOrder.slice(0, lengths)) lengthLengths[symbol] = this.#reader.bits(3);
    const lengthCode = new HuffmanCode(lengthLengths);
    const all = new Uint8Array(literals + distances);
    for (let at = 0; at < all.length;) {
      const symbol = this.#reader.symbol(lengthCode);
      if (symbol < 16) {
        all[at++] = symbol;
        continue;
      }
      const value = symbol === 16 ? all[at - 1] : 0;
      const count =
        symbol === 16 ? 3 + this.#reader.bits(2) : symbol === 17 ? 3 + this.#reader.bits(3) : 11 + this.#reader.bits(7);
      if (value === undefined || at + count > all.length) throw new RangeError('repeated length');
      all.fill(value, at, at + count);
      at += count;
    }
    return [new HuffmanCode(all.subarray(0, literals)), new HuffmanCode(all.subarray(literals))];
  }

  #stored(): void {
    const piece = this.#reader.bytes(this.#storedLeft);
    if (piece.length === 0 && this.#storedLeft > 0) throw starved;
    this.#room(piece.length);
    this.#out.set(piece, this.#length);
    this.#length += piece.length;
    this.#storedLeft -= piece.length;
    if (this.#storedLeft === 0) this.#endBlock();
  }

  #coded(): void {
    const symbol = this.#reader.symbol(this.#literals);
    if (symbol < END_OF_BLOCK) {
      this.#room(1);
      this.#out[this.#length++] = symbol;
    } else if (symbol === END_OF_BLOCK) {
      this.#endBlock();
    } else {
      this.#copy(symbol);
    }
  }

  #copy(symbol: number): void {
    const [baseLength, lengthBits] = lengthOf(symbol - 257);
    const length = baseLength + this.#reader.bits(lengthBits);
    const distanceSymbol = this.#reader.symbol(this.#distances);
    if (distanceSymbol > 29) throw new RangeError('distance');
    const distanceBits = Math.max(0, (distanceSymbol >> 1) - 1);
    const baseDistance = distanceSymbol < 2 ? distanceSymbol + 1 : ((2 + (distanceSymbol & 1)) << distanceBits) + 1;
    const distance = baseDistance + this.#reader.bits(distanceBits);
    this.#room(length);
    // Byte by byte: the source may overlap what is being written.
    for (let done = 0; done < length; done++) {
      this.#out[this.#length] = this.#out[this.#length - distance] ?? 0;
      this.#length++;
    }
  }

  #endBlock(): void {
    this.#state = this.#last ? 'trailer' : 'block';
    if (this.#last) this.#reader.alignToByte();
  }

  #readTrailer(): void {
    const [high, low] = [this.#reader.bits(16), this.#reader.bits(16)].map(
      (half) => ((half & 0xff) << 8) | (half >> 8),
    );
    this.#trailer = (((high ?? 0) << 16) | (low ?? 0)) >>> 0;
    this.#state = 'done';
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#out.length) return;
    const larger = new Uint8Array(Math.max(this.#out.length * 2, this.#length + bytes));
    larger.set(this.#out);
    this.#out = larger;
  }
}

/** Order in which a block with its own codes gives the lengths of the length code, RFC 1951 §3.2.7. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Shortest length and number of further bits, RFC 1951 §3.2.5. */
function lengthOf(index: number): readonly [number, number] {
  if (index < 8) return [index + 3, 0];
  if (index === 28) return [258, 0];
  if (index > 28) throw new RangeError('length');
  const bits = (index >> 2) - 1;
  return [((4 + (index & 3)) << bits) + 3, bits];
}

/** Adler-32 over all the data, RFC 1950 §8. */
export function adler32(data: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
