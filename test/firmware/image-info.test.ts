import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { describeFile } from '../../src/firmware/file-info.ts';
import { describeImage } from '../../src/firmware/image-info.ts';
import { memoryAt, segmentRemarks } from '../../src/firmware/image-memory.ts';
import { imageCrc, readSecondStage } from '../../src/firmware/second-stage-image.ts';
import { imageOf, workedImage } from './sample-images.ts';

/** The vectors of protocol reference §7.2. */
test.for([
  { what: 'nothing', bytes: [], crc: 0x00000001 },
  { what: '16 zeros', bytes: Array<number>(16).fill(0), crc: 0x1344b4aa },
  { what: '00 to 0f', bytes: [...Array(16).keys()], crc: 0x31311d77 },
  { what: '123456789', bytes: [...Buffer.from('123456789')], crc: 0x340bc6d9 },
])('the CRC of $what', ({ bytes, crc }) => {
  expect(imageCrc(Uint8Array.from(bytes))).toBe(crc);
});

test('the CRC is a number of 32 bits and follows the usual one', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const usual = crc32(bytes);
      expect(imageCrc(bytes)).toBe(usual > 0x7fffffff ? 0xffffffff - usual : usual + 1);
    }),
  );
});

/** An image for the SDK's boot loader: 32 bytes in the flash, then the worked image. */
function secondStage(ram: Uint8Array = workedImage): Uint8Array {
  const image = Buffer.alloc(16 + 32 + ram.length + 4);
  image.set([0xea, 4, 2, 0x40]);
  image.writeUInt32LE(0x40100004, 4);
  image.writeUInt32LE(32, 12);
  image.fill(0x77, 16, 48);
  image.set(ram, 48);
  image.writeUInt32LE(imageCrc(image.subarray(0, -4)), image.length - 4);
  return new Uint8Array(image);
}

test('an image for the second stage is read with both headers, its checksum and its CRC', () => {
  const image = secondStage();
  expect(readSecondStage(image)).toMatchObject({
    header: { segmentCount: 4, modeCode: 2, sizeCode: 0x40, entry: 0x40100004 },
    ramHeader: { segmentCount: 2 },
    segments: [
      { address: 0, offset: 16, bytes: 32 },
      { address: 0x40100000, offset: 64, bytes: 8 },
      { address: 0x3ffe8000, offset: 80, bytes: 4 },
    ],
    checksum: { stored: 0xc5, calculated: 0xc5 },
    bytes: image.length,
  });
  const info = describeImage(image);
  expect(info).toMatchObject({ kind: 'second-stage', sound: true, bytes: image.length });
  expect(info.crc?.stored).toBe(info.crc?.calculated);
  expect(info.remarks).toEqual([expect.stringContaining('the ROM does not start it')]);
});

const changedAt = (image: Uint8Array, at: number, value: number): Uint8Array =>
  image.map((byte, index) => (index === at ? value : byte));

test.for([
  { what: 'a byte in the flash part', image: changedAt(secondStage(), 20, 0), says: /^The CRC-32 at its end is 0x/ },
  { what: 'a byte in the RAM part', image: changedAt(secondStage(), 64, 9), says: /^The checksum is 0xc5 and/ },
  { what: 'no CRC', image: secondStage().subarray(0, -4), says: /^The CRC-32 behind the checksum is missing/ },
  { what: 'no checksum', image: secondStage().subarray(0, -6), says: /^The image is cut off/ },
  { what: 'nothing behind the first header', image: secondStage().subarray(0, 8), says: /^The image is cut off/ },
  { what: 'half a header', image: secondStage().subarray(0, 5), says: /ends inside the header/ },
])('an image for the second stage with $what is not sound', ({ image, says }) => {
  const info = describeImage(image);
  expect(info).toMatchObject({ kind: 'second-stage', sound: false });
  expect(info.remarks).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
});

test('headers that differ are told', () => {
  const other = secondStage(changedAt(workedImage, 2, 3));
  expect(describeImage(other)).toMatchObject({ sound: true });
  expect(describeImage(other).remarks).toContain('Its two headers state different flash parameters.');
});

test('the worked image has nothing odd', () => {
  expect(describeImage(workedImage)).toMatchObject({
    kind: 'rom',
    checksum: { stored: 0xc5, calculated: 0xc5 },
    crc: null,
    bytes: 48,
    sound: true,
    remarks: [],
  });
});

test.for([
  {
    what: 'a wrong checksum',
    image: changedAt(workedImage, 47, 0),
    says: /^The checksum is 0x00 and the segments give 0xc5/,
  },
  { what: 'too many segments', image: changedAt(workedImage, 1, 17), says: /says 17 segments; 1 to 16/ },
  { what: 'no segments', image: changedAt(workedImage, 1, 0), says: /says 0 segments/ },
  {
    what: 'an end too early',
    image: workedImage.subarray(0, 40),
    says: /^The image is cut off: the file has 40 bytes/,
  },
  { what: 'half a header', image: workedImage.subarray(0, 6), says: /ends inside the header/ },
  {
    what: 'memory of an ESP32',
    image: imageOf(Uint8Array.of(1, 2, 3, 4), 0x400d0020),
    says: /is an image for an ESP32/,
  },
])('an image with $what is not sound', ({ image, says }) => {
  const info = describeImage(image);
  expect(info.sound).toBe(false);
  expect(info.remarks).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
});

const segment = (address: number, bytes = 16) => ({ address, bytes, offset: 0 });

test.for([
  { what: 'mapped flash', segments: [segment(0x40201010)], says: /Segment 1 goes to 0x40201010, where the ROM cannot/ },
  { what: 'an address below the RAM', segments: [segment(0x3ff00000)], says: /Segment 1 goes to 0x3ff00000/ },
  { what: 'a size above 64 KB', segments: [segment(0x40100000, 65_540)], says: /^Segment 1 has 65540 bytes/ },
  {
    what: 'an overlap',
    segments: [segment(0x40100000), segment(0x3ffe8000), segment(0x4010000c)],
    says: /^Segments 1 and 3 overlap/,
  },
  { what: 'an entry elsewhere', segments: [segment(0x40107000)], says: /^The entry 0x40100004 is in none/ },
])('$what is suspicious', ({ segments, says }) => {
  expect(segmentRemarks(segments, 0x40100004)).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
});

test.for([
  { address: 0x3ff00000, name: 'DPORT' },
  { address: 0x3ffe8000, name: 'DRAM' },
  { address: 0x3fffffff, name: 'DRAM' },
  { address: 0x40100000, name: 'IRAM' },
  { address: 0x40107fff, name: 'IRAM' },
  { address: 0x40108000, name: null },
  { address: 0x40201010, name: 'IROM' },
  { address: 0x20000000, name: null },
])('the memory at $address is $name', ({ address, name }) => {
  expect(memoryAt(address)).toBe(name);
});

/** Pieces at addresses, FF between them. */
function merged(...pieces: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const file = new Uint8Array(Math.max(...pieces.map(([at, bytes]) => at + bytes.length))).fill(0xff);
  for (const [at, bytes] of pieces) file.set(bytes, at);
  return file;
}

test('a merged file is told apart: image, filler, data, image', () => {
  const data = new Uint8Array(5_000).fill(0xe9);
  const file = merged([0, workedImage], [0x2000, data], [0x4000, workedImage], [0x6000, secondStage()]);
  const info = describeFile(file, esp8266);
  expect(info.parts.map(({ offset, bytes, kind, image }) => [offset, bytes, kind, image?.kind ?? null])).toEqual([
    [0, 48, 'image', 'rom'],
    [48, 0x2000 - 48, 'filler', null],
    [0x2000, 0x2000, 'data', null],
    [0x4000, 48, 'image', 'rom'],
    [0x4030, 0x2000 - 48, 'filler', null],
    [0x6000, secondStage().length, 'image', 'second-stage'],
  ]);
  expect(info.sound).toBe(true);
  expect(info.remarks).toEqual([expect.stringMatching(/^It is a merged file/)]);
});

test('filler behind the only image is no merged file', () => {
  const { parts, remarks } = describeFile(merged([0, workedImage], [0x1fff, Uint8Array.of(0xff)]), esp8266);
  expect(parts).toHaveLength(2);
  expect(remarks).toEqual([]);
});

test('an image behind another one may map flash: a boot loader starts it', () => {
  const mapped = imageOf(new Uint8Array(70_000).fill(1), 0x40201010);
  const file = merged([0, workedImage], [0x1000, mapped]);
  expect(describeFile(file, esp8266).parts.at(-1)?.image).toMatchObject({ kind: 'rom', sound: true, remarks: [] });
  expect(describeImage(mapped).remarks).not.toEqual([]);
});

test('a file that is larger than the flash in its header is told', () => {
  const file = merged([0, changedAt(workedImage, 3, 0x10)], [0x40000, Uint8Array.of(1)]);
  expect(describeFile(file, esp8266).remarks).toContain(
    'It has 262145 bytes, more than the 256 KB of flash that its header states.',
  );
});

test.for([
  { what: 'nothing', bytes: [], says: /^The file is empty/, sound: false },
  { what: 'FF', bytes: [0xff, 0xff], says: /^Every byte is FF/, sound: true },
  { what: '128 bytes from 05', bytes: [5, ...Array<number>(127).fill(0)], says: /PHY init data/, sound: true },
  {
    what: 'anything',
    bytes: [1, 2, 3],
    says: /^Nothing is known of this file\. It starts with 0x01: this is no image/,
    sound: null,
  },
])('a file of $what is no image', ({ bytes, says, sound }) => {
  const info = describeFile(Uint8Array.from(bytes), esp8266);
  expect(info).toMatchObject({ sound, parts: [{ kind: 'data', image: { kind: 'none' } }] });
  expect(info.parts[0]?.image?.remarks).toEqual([expect.stringMatching(says)]);
});

test('no bytes make the reader throw, and the parts cover the file without a gap', () => {
  const begin = fc.constantFrom([], [0xe9], [0xea, 4], [0xe9, 1, 0, 0]);
  fc.assert(
    fc.property(begin, fc.uint8Array({ maxLength: 300 }), fc.nat(9_000), (start, bytes, filler) => {
      const file = Uint8Array.of(...start, ...bytes, ...Array<number>(filler).fill(0xff));
      const { parts } = describeFile(file, esp8266);
      expect(parts.reduce((at, part) => (part.offset === at ? at + part.bytes : -1), 0)).toBe(file.length);
    }),
  );
});

const real = join(import.meta.dirname, '../../../shared/firmware/nodemcu_integer_0.9.5_20150318.bin');
const missing = existsSync(real) ? '' : ' (skipped: no ../shared/firmware beside the repository)';

test.skipIf(missing !== '')(
  `NodeMCU in one file is an image, filler up to 0x10000, and the code behind${missing}`,
  () => {
    const { parts, sound } = describeFile(new Uint8Array(readFileSync(real)), esp8266);
    expect(parts.map(({ offset, kind }) => [offset, kind])).toEqual([
      [0, 'image'],
      [0xb750, 'filler'],
      [0x10000, 'data'],
    ]);
    expect([sound, parts[0]?.image?.remarks]).toEqual([true, []]);
  },
);
