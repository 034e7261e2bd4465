import { SeededRandom } from '../seeded-random.ts';

export interface DemoImageOptions {
  /** What the firmware reports; default 1.0.0. */
  readonly version?: string;
  /** Code that stays in flash, bytes; a multiple of 4. Default 256 KiB, which gives an image of 320 KiB. */
  readonly mappedBytes?: number;
}

const KIB = 1024;
const IRAM = 0x40100000;
const DRAM = 0x3ffe8000;
const RODATA = 0x3ffe8800;
const ENTRY = IRAM + 4;
/** Where the code that stays in flash begins in the file, as in the images of the SDK. */
const MAPPED_AT = 0x10000;
const HEADER_BYTES = 8;
/** DIO; 4 MB at 40 MHz. Protocol reference §7.1. */
const MODE = 2;
const SIZE_AND_FREQUENCY = 0x40;

/** What the demo's firmware prints when it starts, without the line's end. */
export function demoBanner(version = '1.0.0'): string {
  return `jigd demo firmware ${version}`;
}

/**
 * An image that the ROM of an ESP8266 starts: magic E9, three segments and their checksum, then FF up to 0x10000 and
 * code that stays in flash. The content is made up, but as dense as firmware. The same options give the same bytes.
 */
export function buildDemoImage(options: DemoImageOptions = {}): Uint8Array {
  const random = new SeededRandom(0x6a696764);
  const vocabulary = Array.from({ length: 1500 }, () => random.bytes(3));
  const segments = [
    { address: IRAM, data: codeLike(random, vocabulary, 24 * KIB) },
    { address: DRAM, data: codeLike(random, vocabulary, 2 * KIB) },
    { address: RODATA, data: padded(texts(options.version), 4) },
  ];
  const mapped = codeLike(random, vocabulary, options.mappedBytes ?? 256 * KIB);
  const image = new Uint8Array(MAPPED_AT + mapped.length).fill(0xff);
  writeBootPart(image, segments);
  image.set(mapped, MAPPED_AT);
  return image;
}

interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
}

function writeBootPart(image: Uint8Array, segments: readonly Segment[]): void {
  const view = new DataView(image.buffer);
  image.set([0xe9, segments.length, MODE, SIZE_AND_FREQUENCY]);
  view.setUint32(4, ENTRY, true);
  let at = HEADER_BYTES;
  let checksum = 0xef;
  for (const { address, data } of segments) {
    view.setUint32(at, address, true);
    view.setUint32(at + 4, data.length, true);
    image.set(data, at + 8);
    for (const byte of data) checksum ^= byte;
    at += 8 + data.length;
  }
  const checksumAt = at + 15 - (at % 16);
  image.fill(0, at, checksumAt);
  image[checksumAt] = checksum;
}

/** A few instructions are common and most are rare; some bytes in between are constants. */
function codeLike(random: SeededRandom, vocabulary: readonly Uint8Array[], length: number): Uint8Array {
  const code = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const rank = Math.floor(vocabulary.length * (random.next() / 2 ** 32) ** 4);
    const word = random.happens(0.15) ? random.bytes(2) : (vocabulary[rank] ?? random.bytes(3));
    code.set(word.subarray(0, length - at), at);
    at += word.length;
  }
  return code;
}

function texts(version?: string): Uint8Array {
  const lines = [
    demoBanner(version),
    'ready',
    'mode : sta(%02x:%02x:%02x)',
    'rf_cal ok',
    'out of memory',
    'fs mounted',
  ];
  return new TextEncoder().encode(`${lines.join('\0')}\0`);
}

function padded(bytes: Uint8Array, multiple: number): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / multiple) * multiple);
  whole.set(bytes);
  return whole;
}
