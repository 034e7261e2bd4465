import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readImage } from '../../src/firmware/image-header.ts';
import { imageOf, workedImage } from './sample-images.ts';

test('the worked image of the reference is read field by field', () => {
  expect(readImage(workedImage)).toEqual({
    kind: 'image',
    header: { segmentCount: 2, modeCode: 2, sizeCode: 0x40, frequencyCode: 0, entry: 0x40100004 },
    segments: [
      { address: 0x40100000, offset: 16, bytes: 8 },
      { address: 0x3ffe8000, offset: 32, bytes: 4 },
    ],
    bytes: 48,
  });
});

test('what follows the first image of a merged file is ignored', () => {
  const merged = new Uint8Array(0x2000).fill(0xff);
  merged.set(workedImage);
  expect(readImage(merged)).toEqual(readImage(workedImage));
});

test('an image in a buffer that starts elsewhere is read the same', () => {
  const around = Buffer.concat([Buffer.from([1, 2, 3]), workedImage]);
  expect(readImage(around.subarray(3))).toEqual(readImage(workedImage));
});

function changed(offset: number, ...bytes: readonly number[]): Uint8Array {
  const image = workedImage.slice();
  image.set(bytes, offset);
  return image;
}

test.for([
  { what: 'nothing at all', bytes: new Uint8Array(), reason: 'is empty' },
  { what: 'another first byte', bytes: changed(0, 0x7f), reason: 'starts with 0x7f, not with 0xe9' },
  { what: 'seven bytes', bytes: workedImage.subarray(0, 7), reason: 'ends inside its header' },
  { what: 'no segments', bytes: changed(1, 0), reason: 'says it has 0 segments; 1 to 16 are possible' },
  { what: '17 segments', bytes: changed(1, 17), reason: 'says it has 17 segments; 1 to 16 are possible' },
  {
    what: 'a segment longer than the file',
    bytes: changed(12, 0xff, 0xff, 0xff, 0xff),
    reason: 'is cut off: it has 48 bytes and its segments need more',
  },
  {
    what: 'no byte for the checksum',
    bytes: workedImage.subarray(0, 47),
    reason: 'is cut off: it has 47 bytes and its segments need more',
  },
  {
    what: 'a segment head that is cut off',
    bytes: workedImage.subarray(0, 28),
    reason: 'is cut off: it has 28 bytes and its segments need more',
  },
  {
    what: 'one wrong byte of data',
    bytes: changed(16, 0x11),
    reason: 'is damaged: its checksum is 0xc5 and its data give 0xd5',
  },
])('an image with $what is damaged', ({ bytes, reason }) => {
  expect(readImage(bytes)).toEqual({ kind: 'damaged', reason });
});

test('magic EA is an image for the second stage', () => {
  expect(readImage(Uint8Array.of(0xea, 4, 0, 0, 0, 0, 0, 0)).kind).toBe('second-stage');
});

test('an image with the long header of an ESP32 is recognised by its segments', () => {
  const image = new Uint8Array(64);
  image.set([0xe9, 1, 2, 0x20]);
  image.set([0xee, 0, 0, 0], 8);
  image.set([0x00, 0x00, 0x08, 0x40, 16, 0, 0, 0], 24);
  expect(readImage(image).kind).toBe('esp32');
});

test('a sound image that loads into memory of an ESP32 is recognised', () => {
  expect(readImage(imageOf(Uint8Array.of(1, 2, 3, 4), 0x400d0020)).kind).toBe('esp32');
});

test('any image with a right checksum is read, and any other byte of data is noticed', () => {
  const words = fc.uint8Array({ minLength: 4, maxLength: 400 }).map((bytes) => bytes.subarray(0, bytes.length & ~3));
  fc.assert(
    fc.property(words, fc.nat(), fc.integer({ min: 1, max: 255 }), (data, where, flip) => {
      const image = imageOf(data);
      expect(readImage(image)).toMatchObject({ kind: 'image', bytes: image.length });
      const offset = 16 + (where % data.length);
      image[offset] = (image[offset] ?? 0) ^ flip;
      expect(readImage(image).kind).toBe('damaged');
    }),
  );
});

test('no bytes make the reader throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readImage(Uint8Array.of(0xe9, ...bytes))));
});
