import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlashFrequency, FlashMode } from '../../src/chips/chip-definition.ts';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { patchHeader, sizeNameOf } from '../../src/firmware/header-patch.ts';
import { workedImage } from './sample-images.ts';

const dout2mb80m = { mode: 'dout', size: '2MB', frequency: '80m' } as const;

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

test('the worked image of the reference has both MD5s, before and after', () => {
  expect(md5(workedImage)).toBe('bf88589a759cd6220475e33049576cc5');
  const patched = patchHeader(workedImage, 0, esp8266, dout2mb80m);
  expect([...patched.subarray(0, 4)]).toEqual([0xe9, 0x02, 0x03, 0x3f]);
  expect(md5(patched)).toBe('b116dd7dbe101e32452c2d257fed4d0b');
});

test('the image that is given stays as it is', () => {
  const image = Buffer.from(workedImage);
  patchHeader(image, 0, esp8266, dout2mb80m);
  expect([...image]).toEqual([...workedImage]);
});

test.for([
  { name: 'only the mode', parameters: { mode: 'qio', size: 'keep', frequency: 'keep' }, bytes: [0x00, 0x40] },
  { name: 'only the size', parameters: { mode: 'keep', size: '4MB-c1', frequency: 'keep' }, bytes: [0x02, 0x60] },
  { name: 'only the frequency', parameters: { mode: 'keep', size: 'keep', frequency: '26m' }, bytes: [0x02, 0x41] },
  { name: '512 KB, whose code is 0', parameters: { mode: 'keep', size: '512KB', frequency: '40m' }, bytes: [2, 0] },
] as const)('$name is set and the rest kept', ({ parameters, bytes }) => {
  expect([...patchHeader(workedImage, 0, esp8266, parameters).subarray(2, 4)]).toEqual(bytes);
});

test.for([
  { why: 'it is not at the boot address', bytes: workedImage, address: 0x1000, parameters: dout2mb80m },
  {
    why: 'everything is kept',
    bytes: workedImage,
    address: 0,
    parameters: { mode: 'keep', size: 'keep', frequency: 'keep' } as const,
  },
  { why: 'it is shorter than a header', bytes: workedImage.subarray(0, 7), address: 0, parameters: dout2mb80m },
  {
    why: 'its magic is EA',
    bytes: Uint8Array.of(0xea, ...workedImage.subarray(1)),
    address: 0,
    parameters: dout2mb80m,
  },
  {
    why: 'its checksum is wrong',
    bytes: Uint8Array.of(...workedImage.subarray(0, 47), 0xc4),
    address: 0,
    parameters: dout2mb80m,
  },
])('an image is left alone when $why', ({ bytes, address, parameters }) => {
  expect(patchHeader(bytes, address, esp8266, parameters)).toBe(bytes);
});

test('whatever is set, only bytes 2 and 3 differ', () => {
  const modes = fc.constantFrom<FlashMode | 'keep'>('keep', 'qio', 'qout', 'dio', 'dout');
  const frequencies = fc.constantFrom<FlashFrequency | 'keep'>('keep', '20m', '26m', '40m', '80m');
  const sizes = fc.constantFrom('keep', ...Object.keys(esp8266.header.sizes));
  fc.assert(
    fc.property(modes, frequencies, sizes, (mode, frequency, size) => {
      const patched = patchHeader(workedImage, 0, esp8266, { mode, frequency, size });
      const differing = [...patched.keys()].filter((offset) => patched[offset] !== workedImage[offset]);
      expect(patched.length).toBe(workedImage.length);
      expect(differing.every((offset) => offset === 2 || offset === 3)).toBe(true);
    }),
  );
});

test('a detected size takes the plain map where there are two', () => {
  expect(sizeNameOf(esp8266, 4 << 20)).toBe('4MB');
  expect(sizeNameOf(esp8266, 2 << 20)).toBe('2MB');
  expect(sizeNameOf(esp8266, 32 << 20)).toBeUndefined();
});
