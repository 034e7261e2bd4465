import { expect, test } from 'vitest';
import fc from 'fast-check';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { chips, findChip } from '../../src/chips/registry.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });

test.for([
  { words: [0x3a00a000, 0x0200d58e, 0, 0], mac: '18:fe:34:d5:8e:3a', chipId: 0x00d58e3a },
  { words: [0x7b00a000, 0x0201c412, 0x0000a000, 0], mac: 'ac:d0:74:c4:12:7b', chipId: 0x01c4127b },
  { words: [0x5cc2a000, 0x0200a4f1, 0x3000b000, 0x005ccf7f], mac: '5c:cf:7f:a4:f1:5c', chipId: 0x00a4f15c },
])('the reference row with MAC $mac is read', ({ words, mac, chipId }) => {
  const features = ['Wi-Fi', '160MHz'];
  const about = { variant: 'ESP8266EX', features, embeddedFlashBytes: null };
  expect(esp8266.identify(words)).toEqual({ ...about, mac, macProblem: null, chipId });
});

test.for([
  { name: 'selector 2', w1: 0x02021234, selector: 2, chipId: 0x02123491 },
  { name: 'selector 255', w1: 0x02ff1234, selector: 255, chipId: 0xff123491 },
])('an unknown vendor, $name, is no MAC and still has a chip id', ({ w1, selector, chipId }) => {
  expect(esp8266.identify([0x9100a000, w1, 0, 0])).toMatchObject({
    mac: null,
    macProblem: `The efuses hold the unknown vendor selector ${selector}.`,
    chipId,
  });
});

test.for([
  { name: 'the vendor 00:00:00', w3: 0x02000000, mac: '00:00:00:d5:8e:3a' },
  { name: 'size bits alone', w3: 0x0e000000, mac: '00:00:00:d5:8e:3a' },
  { name: 'the vendor ff:ff:ff', w3: 0x00ffffff, mac: 'ff:ff:ff:d5:8e:3a' },
  { name: 'a multicast vendor', w3: 0x0001005e, mac: '01:00:5e:d5:8e:3a' },
])('$name is refused', ({ w3, mac }) => {
  expect(esp8266.identify([0x3a00a000, 0x0200d58e, 0, w3])).toMatchObject({
    mac: null,
    macProblem: `The efuses hold ${mac}, which is no address of a single device.`,
  });
});

test('a vendor in w3 counts even where the selector is unknown', () => {
  expect(esp8266.identify([0x3a00a000, 0x0207d58e, 0, 0x085ccf7f]).mac).toBe('5c:cf:7f:d5:8e:3a');
});

const embeddedBit = 1 << 16;
const size = (w3Bits: string): number => {
  const [b25, b27, b26] = Array.from(w3Bits, Number);
  return (((b25 ?? 0) << 25) | ((b27 ?? 0) << 27) | ((b26 ?? 0) << 26) | 0x5ccf7f) >>> 0;
};

/** `bits` are w0.4 and then w3.25, w3.27, w3.26, as the columns of protocol reference §4.3. */
test.for([
  { bits: '1000', hot: false, variant: 'ESP8285N08', megabytes: 1 },
  { bits: '1000', hot: true, variant: 'ESP8285H08', megabytes: 1 },
  { bits: '1001', hot: false, variant: 'ESP8285N16', megabytes: 2 },
  { bits: '1001', hot: true, variant: 'ESP8285H16', megabytes: 2 },
  { bits: '0100', hot: false, variant: 'ESP8285N16', megabytes: 2 },
  { bits: '0100', hot: true, variant: 'ESP8285H16', megabytes: 2 },
  { bits: '0101', hot: false, variant: 'ESP8285', megabytes: 4 },
  { bits: '0101', hot: true, variant: 'ESP8285', megabytes: 4 },
  ...['0000', '0001', '0010', '0011', '0110', '0111', '1010', '1011', '1100', '1101', '1110', '1111'].map((bits) => ({
    bits,
    hot: false,
    variant: 'ESP8285',
    megabytes: null,
  })),
])('bits $bits of an ESP8285 with H $hot are $variant', ({ bits, hot, variant, megabytes }) => {
  const w0 = (bits.startsWith('1') ? 0x10 : 0) | (hot ? 0x20 : 0);
  expect(esp8266.identify([w0, 0x02000000, embeddedBit, size(bits.slice(1))])).toMatchObject({
    variant,
    embeddedFlashBytes: megabytes === null ? null : megabytes * 1024 * 1024,
    features: ['Wi-Fi', '160MHz', 'Embedded Flash'],
    mac: '5c:cf:7f:00:00:00',
  });
});

test.for([
  { name: 'w0 bit 4 alone', w0: 0x10, w2: 0, embedded: true },
  { name: 'w2 bit 16 alone', w0: 0, w2: embeddedBit, embedded: true },
  { name: 'every other bit', w0: 0xffffffef, w2: 0xfffeffff, embedded: false },
])('$name decides on an embedded flash: $embedded', ({ w0, w2, embedded }) => {
  const { variant, features } = esp8266.identify([w0, 0, w2, 0x025ccf7f]);
  expect(variant.startsWith('ESP8285')).toBe(embedded);
  expect(features.includes('Embedded Flash')).toBe(embedded);
});

test('any four words are either a device with a MAC or a problem, and never throw', () => {
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), (words) => {
      const { mac, macProblem, chipId } = esp8266.identify(words);
      expect(mac === null).toBe(macProblem !== null);
      if (mac !== null) expect(mac).toMatch(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/);
      expect(chipId).toBe((words[1] % 0x1000000) * 0x100 + Math.floor(words[0] / 0x1000000));
    }),
  );
});

test('jobs find the chip by its family', () => {
  expect(findChip('esp8266')).toBe(esp8266);
  expect(findChip('esp32')).toBeUndefined();
  expect(new Set(chips.map(({ family }) => family)).size).toBe(chips.length);
});
