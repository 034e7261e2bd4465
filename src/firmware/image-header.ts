import { hexNumber } from '../foundation/bytes.ts';

/** The first 8 bytes of an image. Source: protocol reference §7.1. */
export interface ImageHeader {
  readonly segmentCount: number;
  /** Byte 2. */
  readonly modeCode: number;
  /** High nibble of byte 3, not shifted down. */
  readonly sizeCode: number;
  /** Low nibble of byte 3. */
  readonly frequencyCode: number;
  readonly entry: number;
}

export interface ImageSegment {
  /** Where the ROM loads it. */
  readonly address: number;
  /** Where its data starts in the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** What the bytes of a file are, seen as something that the ROM could boot. */
export type ImageReading =
  | {
      readonly kind: 'image';
      readonly header: ImageHeader;
      readonly segments: readonly ImageSegment[];
      /** Bytes up to and including the checksum; merged files go on behind it. */
      readonly bytes: number;
    }
  /** Magic EA: for the second stage of the SDK, the ROM does not start it (protocol reference §7.2). */
  | { readonly kind: 'second-stage' }
  | { readonly kind: 'esp32' }
  /** `reason` completes the sentence "The image …". */
  | { readonly kind: 'damaged'; readonly reason: string };

export const imageMagic = 0xe9;
export const imageHeaderBytes = 8;

export const secondStageMagic = 0xea;
export const mostSegments = 16;
const checksumSeed = 0xef;

/** Reads the first image in `bytes` and verifies its checksum; what follows that image is ignored. */
export function readImage(bytes: Uint8Array): ImageReading {
  const magic = bytes[0];
  if (magic === undefined) return damaged('is empty');
  if (magic === secondStageMagic) return { kind: 'second-stage' };
  if (magic !== imageMagic) return damaged(`starts with ${hexNumber(magic, 2)}, not with 0xe9`);
  if (bytes.length < imageHeaderBytes) return damaged('ends inside its header');
  const reading = readSegments(bytes, readHeader(bytes));
  const asEsp32 = segmentsFrom(bytes, esp32HeaderBytes).segments;
  if (reading.kind === 'image') return reading.segments.some(isOfEsp32) ? { kind: 'esp32' } : reading;
  return asEsp32.some(isOfEsp32) ? { kind: 'esp32' } : reading;
}

/** Reads the header fields. @param bytes at least 8 bytes */
export function readHeader(bytes: Uint8Array): ImageHeader {
  const view = viewOf(bytes);
  return {
    segmentCount: view.getUint8(1),
    modeCode: view.getUint8(2),
    sizeCode: view.getUint8(3) & 0xf0,
    frequencyCode: view.getUint8(3) & 0x0f,
    entry: view.getUint32(4, true),
  };
}

function readSegments(bytes: Uint8Array, header: ImageHeader): ImageReading {
  const { segmentCount } = header;
  if (segmentCount === 0 || segmentCount > mostSegments) {
    return damaged(`says it has ${segmentCount} segments; 1 to ${mostSegments} are possible`);
  }
  const { segments, end, complete } = segmentsFrom(bytes, imageHeaderBytes);
  // The checksum is the last byte of the 16-byte row in which the segments end.
  const checksumAt = end | 15;
  if (!complete || checksumAt >= bytes.length) {
    return damaged(`is cut off: it has ${bytes.length} bytes and its segments need more`);
  }
  const stored = bytes[checksumAt] ?? 0;
  const computed = checksumOf(bytes, segments);
  if (stored !== computed) {
    return damaged(`is damaged: its checksum is ${hexNumber(stored, 2)} and its data give ${hexNumber(computed, 2)}`);
  }
  return { kind: 'image', header, segments, bytes: checksumAt + 1 };
}

/** Segments as far as the file has them. */
export interface SegmentWalk {
  readonly segments: readonly ImageSegment[];
  /** Where the last one ends, or would end. */
  readonly end: number;
  /** All that the header names are inside the file. */
  readonly complete: boolean;
}

/** Walks the segments from `start`, as many as the header says, as long as their heads are inside the file. */
export function segmentsFrom(bytes: Uint8Array, start: number): SegmentWalk {
  const view = viewOf(bytes);
  const count = Math.min(view.getUint8(1), mostSegments);
  const segments: ImageSegment[] = [];
  let end = start;
  while (segments.length < count && end + 8 <= bytes.length) {
    const segment = { address: view.getUint32(end, true), offset: end + 8, bytes: view.getUint32(end + 4, true) };
    segments.push(segment);
    end = segment.offset + segment.bytes;
  }
  return { segments, end, complete: segments.length === count && end <= bytes.length };
}

/** The checksum of segments, which are inside the file (protocol reference §7.1). */
export function checksumOf(bytes: Uint8Array, segments: readonly ImageSegment[]): number {
  let checksum = checksumSeed;
  for (const { offset, bytes: length } of segments) {
    for (const byte of bytes.subarray(offset, offset + length)) checksum ^= byte;
  }
  return checksum;
}

/** An ESP32 image has 16 more bytes of header, and memory where an ESP8266 has none (protocol reference §7.3). */
export const esp32HeaderBytes = 24;

function isOfEsp32({ address }: ImageSegment): boolean {
  const page = address >>> 16;
  return page === 0x3ffb || page === 0x4008 || page === 0x400d;
}

function damaged(reason: string): ImageReading {
  return { kind: 'damaged', reason };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
