import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlashFrequency, FlashMode } from '../../src/chips/chip-definition.ts';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { patchHeader } from '../../src/firmware/header-patch.ts';
import { readImage } from '../../src/firmware/image-header.ts';

interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
}

interface SampleImage {
  readonly bytes: Uint8Array;
  readonly segments: readonly Segment[];
  readonly mode: number;
  readonly sizeAndFrequency: number;
  readonly entry: number;
}

/** Built here from protocol reference §7.1, so that a mistake of the reader cannot cancel itself out. */
function build(segments: readonly Segment[], mode: number, sizeAndFrequency: number, entry: number): Uint8Array {
  const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  const bytes = [0xe9, segments.length, mode, sizeAndFrequency, ...word(entry)];
  let checksum = 0xef;
  for (const { address, data } of segments) {
    bytes.push(...word(address), ...word(data.length), ...data);
    for (const value of data) checksum ^= value;
  }
  while (bytes.length % 16 !== 15) bytes.push(0);
  return Uint8Array.from([...bytes, checksum]);
}

/** In RAM of an ESP8266: an address of an ESP32 would make it an image for that. */
const address = fc.oneof(
  fc.integer({ min: 0x3ffe8000, max: 0x3fffbfff }),
  fc.integer({ min: 0x40100000, max: 0x40107fff }),
);
const segment = fc.record({
  address,
  data: fc.uint8Array({ maxLength: 15 }).chain((head) =>
    fc.uint8Array({ maxLength: 200 }).map((tail) => {
      const data = Uint8Array.of(...head, ...tail);
      return data.subarray(0, data.length & ~3);
    }),
  ),
});
const uint8 = fc.integer({ min: 0, max: 0xff });

const sample: fc.Arbitrary<SampleImage> = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 16 }), uint8, uint8, address)
  .map(([segments, mode, sizeAndFrequency, entry]) => {
    return { bytes: build(segments, mode, sizeAndFrequency, entry), segments, mode, sizeAndFrequency, entry };
  });

test('any image of 1 to 16 segments is read field by field', () => {
  fc.assert(
    fc.property(sample, ({ bytes, segments, mode, sizeAndFrequency, entry }) => {
      const reading = readImage(bytes);
      expect(reading).toMatchObject({
        kind: 'image',
        header: {
          segmentCount: segments.length,
          modeCode: mode,
          sizeCode: sizeAndFrequency & 0xf0,
          frequencyCode: sizeAndFrequency & 0x0f,
          entry,
        },
        bytes: bytes.length,
      });
      if (reading.kind !== 'image') return;
      const read = reading.segments.map(({ address: at, offset, bytes: length }) => {
        return { address: at, data: bytes.slice(offset, offset + length) };
      });
      expect(read).toEqual(segments.map(({ address: at, data }) => ({ address: at, data: Uint8Array.from(data) })));
    }),
  );
});

test('what follows an image changes nothing', () => {
  fc.assert(
    fc.property(sample, fc.uint8Array({ maxLength: 100 }), ({ bytes }, tail) => {
      expect(readImage(Uint8Array.of(...bytes, ...tail))).toEqual(readImage(bytes));
    }),
  );
});

test('an image that ends early is noticed, wherever it was cut', () => {
  fc.assert(
    fc.property(sample, fc.nat(), ({ bytes }, where) => {
      expect(readImage(bytes.subarray(0, where % bytes.length)).kind).not.toBe('image');
    }),
    { numRuns: 500 },
  );
});

test('a missing checksum is noticed even where it would be 0', () => {
  const whole = build([{ address: 0x40100000, data: Uint8Array.of(0xef, 0, 0, 0) }], 0, 0, 0x40100000);
  expect(whole.at(-1)).toBe(0);
  expect(readImage(whole).kind).toBe('image');
  expect(readImage(whole.subarray(0, -1)).kind).toBe('damaged');
});

test('one changed byte in any segment is noticed', () => {
  const damage = fc.integer({ min: 1, max: 255 });
  const withData = sample.filter(({ segments }) => segments.some(({ data }) => data.length > 0));
  fc.assert(
    fc.property(withData, fc.nat(), damage, ({ bytes }, where, flip) => {
      const reading = readImage(bytes);
      if (reading.kind !== 'image') throw new Error('The sample is no image.');
      const dataAt = reading.segments.flatMap(({ offset, bytes: length }) =>
        Array.from({ length }, (_, index) => offset + index),
      );
      const damaged = bytes.slice();
      const at = dataAt[where % dataAt.length] ?? 0;
      damaged[at] = (damaged[at] ?? 0) ^ flip;
      expect(readImage(damaged).kind).not.toBe('image');
    }),
  );
});

test('a changed checksum is noticed', () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 1, max: 255 }), ({ bytes }, flip) => {
      const damaged = bytes.slice();
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ flip;
      expect(readImage(damaged).kind).not.toBe('image');
    }),
  );
});

test('no bytes make the reader throw or promise more than there is', () => {
  const header = fc.tuple(fc.constantFrom(0xe9, 0xea, 0xff, 0x00), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 300 }), ([magic, count], rest) => {
      const bytes = Uint8Array.of(magic, count, ...rest);
      const reading = readImage(bytes);
      if (reading.kind === 'image') expect(reading.bytes).toBeLessThanOrEqual(bytes.length);
      if (magic === 0xff || magic === 0x00) expect(reading.kind).toBe('damaged');
    }),
    { numRuns: 500 },
  );
});

const parameters = fc.record({
  mode: fc.constantFrom<FlashMode | 'keep'>('keep', 'qio', 'qout', 'dio', 'dout'),
  frequency: fc.constantFrom<FlashFrequency | 'keep'>('keep', '20m', '26m', '40m', '80m'),
  size: fc.constantFrom('keep', ...Object.keys(esp8266.header.sizes)),
});

test('a patched image differs in bytes 2 and 3 alone, says what was wished, and its checksum stays right', () => {
  const { modes, frequencies, sizes } = esp8266.header;
  fc.assert(
    fc.property(sample, parameters, ({ bytes, mode, sizeAndFrequency }, wished) => {
      const before = bytes.slice();
      const patched = patchHeader(bytes, 0, esp8266, wished);
      expect(bytes).toEqual(before);
      const masked = (image: Uint8Array): number[] => [...image].filter((_, at) => at !== 2 && at !== 3);
      expect(masked(patched)).toEqual(masked(bytes));
      expect(readImage(patched)).toMatchObject({
        kind: 'image',
        header: {
          modeCode: wished.mode === 'keep' ? mode : modes[wished.mode],
          sizeCode: wished.size === 'keep' ? sizeAndFrequency & 0xf0 : sizes[wished.size]?.code,
          frequencyCode: wished.frequency === 'keep' ? sizeAndFrequency & 0x0f : frequencies[wished.frequency],
        },
      });
      expect(patchHeader(patched, 0, esp8266, wished)).toEqual(patched);
    }),
  );
});

test('what is no sound image is given back as it is', () => {
  fc.assert(
    fc.property(sample, fc.nat(), parameters, ({ bytes }, where, wished) => {
      const cut = bytes.subarray(0, where % bytes.length);
      expect(patchHeader(cut, 0, esp8266, wished)).toBe(cut);
      expect(patchHeader(bytes, 0x1000, esp8266, wished)).toBe(bytes);
    }),
  );
});
