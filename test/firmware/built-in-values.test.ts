import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtinImage } from '../../src/firmware/builtin-images.ts';
import { canonicalJson } from '../../src/firmware/canonical-json.ts';
import { resolveAddress } from '../../src/firmware/symbolic-addresses.ts';

test('the built-in init data are 128 bytes for a 26 MHz crystal', () => {
  const image = builtinImage('init-data');
  expect(image.length).toBe(128);
  expect([image[0], image[48], image[127]]).toEqual([0x05, 1, 0]);
});

test('the built-in blank is one sector of FF', () => {
  const image = builtinImage('blank');
  expect(createHash('md5').update(image).digest('hex')).toBe('6ae59e64850377ee5470c854761551ea');
});

test('a change to a built-in image that was handed out reaches nobody else', () => {
  builtinImage('blank').fill(0);
  expect(builtinImage('blank')[0]).toBe(0xff);
});

test.for([
  { kb: 256, rf: 0x3b000, init: 0x3c000, blank: 0x3e000 },
  { kb: 512, rf: 0x7b000, init: 0x7c000, blank: 0x7e000 },
  { kb: 1024, rf: 0xfb000, init: 0xfc000, blank: 0xfe000 },
  { kb: 2048, rf: 0x1fb000, init: 0x1fc000, blank: 0x1fe000 },
  { kb: 4096, rf: 0x3fb000, init: 0x3fc000, blank: 0x3fe000 },
  { kb: 8192, rf: 0x7fb000, init: 0x7fc000, blank: 0x7fe000 },
  { kb: 16384, rf: 0xffb000, init: 0xffc000, blank: 0xffe000 },
])('the areas of $kb KB are where the table of the reference has them', ({ kb, rf, init, blank }) => {
  const bytes = kb * 1024;
  expect(resolveAddress('rf-cal', bytes)).toBe(rf);
  expect(resolveAddress('init-data', bytes)).toBe(init);
  expect(resolveAddress('system-params', bytes)).toBe(blank);
  expect(resolveAddress(0x1000, bytes)).toBe(0x1000);
});

test('canonical JSON sorts keys at each level and keeps lists in order', () => {
  expect(canonicalJson({ b: [2, { d: null, c: 'x"' }], a: 1 })).toBe('{"a":1,"b":[2,{"c":"x\\"","d":null}]}');
});

test('canonical JSON is JSON, and does not depend on the order in which keys were put in', () => {
  const values = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.constant(null)));
  fc.assert(
    fc.property(values, (value) => {
      const text = canonicalJson(value);
      expect(Object.entries(JSON.parse(text) as object).sort()).toEqual(Object.entries(value).sort());
      expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(text);
    }),
  );
});
