/** The simulator's own reading and writing of frames; protocol reference §2. Shares nothing with the host's codec. */

export const END = 0xc0;
export const ESCAPE = 0xdb;

export interface Request {
  readonly direction: number;
  readonly op: number;
  /** What the header says the payload's length is. */
  readonly length: number;
  readonly checksum: number;
  /** What really follows the header. */
  readonly payload: Uint8Array;
}

export const HEADER_BYTES = 8;
/** Header of MEM_DATA, FLASH_DATA and FLASH_DEFL_DATA: length, sequence, two unused words. */
export const DATA_HEADER_BYTES = 16;

/** @param frame at least HEADER_BYTES long, without delimiters and escapes */
export function parseRequest(frame: Uint8Array): Request {
  const view = viewOf(frame);
  return {
    direction: view.getUint8(0),
    op: view.getUint8(1),
    length: view.getUint16(2, true),
    checksum: view.getUint32(4, true),
    payload: frame.subarray(HEADER_BYTES),
  };
}

/** The n-th little-endian word; bytes that are missing count as 0. */
export function word(bytes: Uint8Array, index: number): number {
  const at = index * 4;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/** Four words in a row, from the n-th on. */
export function fourWords(bytes: Uint8Array, first = 0): readonly [number, number, number, number] {
  return [word(bytes, first), word(bytes, first + 1), word(bytes, first + 2), word(bytes, first + 3)];
}

export function wordBytes(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** XOR over the data of a block, protocol reference §2.2. */
export function xorOf(data: Uint8Array): number {
  let sum = 0xef;
  for (const byte of data) sum ^= byte;
  return sum;
}

/** Header of a reply; the status bytes count into `dataBytes`. */
export function replyHeader(op: number, dataBytes: number, value: number): Uint8Array {
  return Uint8Array.of(1, op, dataBytes, dataBytes >>> 8, ...wordBytes(value));
}

/** Escapes bytes without putting delimiters around them. */
export function escaped(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === END) out.push(ESCAPE, 0xdc);
    else if (byte === ESCAPE) out.push(ESCAPE, 0xdd);
    else out.push(byte);
  }
  return Uint8Array.from(out);
}

/** A whole frame around the parts. */
export function framed(...parts: readonly Uint8Array[]): Uint8Array {
  const inner = parts.map(escaped);
  const out = new Uint8Array(inner.reduce((sum, part) => sum + part.length, 2));
  let at = 1;
  for (const part of inner) {
    out.set(part, at);
    at += part.length;
  }
  out[0] = END;
  out[out.length - 1] = END;
  return out;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
