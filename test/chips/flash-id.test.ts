import { expect, test } from 'vitest';
import fc from 'fast-check';
import { flashBytesFromId, flashIdText, isPlausibleFlashId } from '../../src/chips/flash-id.ts';
import { flashMakerOf } from '../../src/chips/flash-makers.ts';

const KB = 1024;
const MB = 1024 * KB;
const winbond = (capacity: number): number => (capacity << 16) | 0x40ef;

/** Protocol reference §4.7. */
test.for([
  [0x12, 256 * KB],
  [0x13, 512 * KB],
  [0x14, 1 * MB],
  [0x15, 2 * MB],
  [0x16, 4 * MB],
  [0x17, 8 * MB],
  [0x18, 16 * MB],
  [0x19, 32 * MB],
  [0x1a, 64 * MB],
  [0x1b, 128 * MB],
  [0x1c, 256 * MB],
  [0x20, 64 * MB],
  [0x21, 128 * MB],
  [0x22, 256 * MB],
  [0x32, 256 * KB],
  [0x33, 512 * KB],
  [0x34, 1 * MB],
  [0x35, 2 * MB],
  [0x36, 4 * MB],
  [0x37, 8 * MB],
  [0x38, 16 * MB],
  [0x39, 32 * MB],
  [0x3a, 64 * MB],
] as const)('capacity code %i is %i bytes', ([code, bytes]) => {
  expect(flashBytesFromId(winbond(code))).toBe(bytes);
});

test.for([0x00, 0x11, 0x1d, 0x1f, 0x23, 0x31, 0x3b, 0xff])('capacity code %i is unknown', (code) => {
  expect(flashBytesFromId(winbond(code))).toBeNull();
});

test.for([
  [0x04, 512 * KB],
  [0x05, 1 * MB],
  [0x06, 2 * MB],
  [0x07, 4 * MB],
  [0x08, 8 * MB],
  [0x09, 16 * MB],
  [0x03, null],
  [0x0a, null],
] as const)('an Adesto part of type %i is %s bytes, whatever its capacity code says', ([type, bytes]) => {
  // The upper three bits of the type are the family.
  for (const family of [0x00, 0x40, 0x80, 0xe0]) {
    for (const third of [0x00, 0x01, 0x16]) {
      expect(flashBytesFromId((third << 16) | ((family | type) << 8) | 0x1f)).toBe(bytes);
    }
  }
});

test.for([0xffffff, 0x000000, 0xffff3f])('the id %i says that nobody answered', (id) => {
  expect(isPlausibleFlashId(id)).toBe(false);
  expect(flashBytesFromId(id)).toBeNull();
});

test('any other id is an answer, and its size is a power of two or unknown', () => {
  const invalid = new Set([0xffffff, 0, 0xffff3f]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (id) => {
      expect(isPlausibleFlashId(id)).toBe(!invalid.has(id));
      const bytes = flashBytesFromId(id);
      if (bytes === null) return;
      expect(Number.isInteger(Math.log2(bytes))).toBe(true);
      expect(bytes).toBeGreaterThanOrEqual(256 * KB);
      expect(bytes).toBeLessThanOrEqual(256 * MB);
    }),
  );
});

test.for([
  [0x1640ef, 'ef4016'],
  [0x000085, '850000'],
  [0x01020b, '0b0201'],
] as const)('the id %i is written %s, maker first', ([id, text]) => {
  expect(flashIdText(id)).toBe(text);
});

/** Protocol reference §4.8; `says` is what its remark must mention. */
test.for([
  { code: 0xef, name: 'Winbond', says: null },
  { code: 0xc8, name: 'GigaDevice', says: /8 bits .* dio or dout/ },
  { code: 0x85, name: 'PUYA', says: /slow .* disturbs/ },
  { code: 0x20, name: 'XMC/Micron', says: /start-up/ },
  { code: 0x68, name: 'Boya', says: null },
  { code: 0x1c, name: 'EON/ESMT', says: /bit 6 .* qio fails/ },
  { code: 0x5e, name: 'Zbit', says: null },
  { code: 0xba, name: 'Zetta', says: /slow/ },
  { code: 0xc2, name: 'Macronix', says: /bit 6 .* qio fails/ },
  { code: 0xe0, name: 'Berg Micro', says: null },
  { code: 0x1f, name: 'Adesto/Atmel', says: null },
  { code: 0x9d, name: 'ISSI', says: /bit 6 .* qio fails/ },
  { code: 0x0b, name: 'XTX', says: null },
])('the maker of code $code is $name', ({ code, name, says }) => {
  const maker = flashMakerOf(0x164000 | code);
  expect(maker?.name).toBe(name);
  if (says === null) expect(maker?.remark).toBeNull();
  else expect(maker?.remark).toMatch(says);
});

test('a maker that is not in the table is none', () => {
  expect(flashMakerOf(0x164042)).toBeNull();
});
