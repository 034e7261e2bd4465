import fc from 'fast-check';
import { expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { efusesForMac, esp8285EfusesForMac } from '../../../src/simulator/chip/efuses.ts';

test('the words of any address give the address back', () => {
  const macs = fc
    .uint8Array({ minLength: 6, maxLength: 6 })
    .filter((bytes) => ((bytes[0] ?? 0) & 1) === 0 && bytes.subarray(0, 3).some((byte) => byte !== 0))
    .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
  fc.assert(
    fc.property(macs, (mac) => {
      expect(esp8266.identify(efusesForMac(mac))).toMatchObject({ variant: 'ESP8266EX', mac, macProblem: null });
      expect(esp8266.identify(esp8285EfusesForMac(mac))).toMatchObject({ variant: 'ESP8285N08', mac });
    }),
  );
});

test.for([
  { name: 'ESP8285N08', variant: 'ESP8285N08' },
  { name: 'ESP8285H08', variant: 'ESP8285H08' },
  { name: 'ESP8285N16', variant: 'ESP8285N16' },
  { name: 'ESP8285H16', variant: 'ESP8285H16' },
  { name: 'ESP8285 with 2 MB', variant: 'ESP8285N16' },
  { name: 'ESP8285 with 4 MB', variant: 'ESP8285' },
] as const)('$name is told from the others', ({ name, variant }) => {
  const mac = '5c:cf:7f:a4:f1:5c';
  expect(esp8266.identify(esp8285EfusesForMac(mac, name))).toMatchObject({ variant, mac });
});

test.for(['', '5c:cf:7f:a4:f1', '5c:cf:7f:a4:f1:5c:00', '5c:cf:7f:a4:f1:xx'])('"%s" is no address', (mac) => {
  expect(() => efusesForMac(mac)).toThrow(RangeError);
});
