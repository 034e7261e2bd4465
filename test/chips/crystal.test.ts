import { expect, test } from 'vitest';
import { readCrystal } from '../../src/chips/crystal.ts';
import { esp8266 } from '../../src/chips/esp8266.ts';

test.for([
  { name: 'the usual one, as the reference has it', divider: 452, baud: 115_200, mhz: 26, agrees: true },
  { name: '40 MHz', divider: 694, baud: 115_200, mhz: 40, agrees: true },
  { name: '48 MHz', divider: 833, baud: 115_200, mhz: 48, agrees: true },
  { name: 'just 33 MHz', divider: 573, baud: 115_200, mhz: 40, agrees: false },
  { name: 'just below 33 MHz', divider: 572, baud: 115_200, mhz: 26, agrees: false },
  { name: 'just above 45 MHz', divider: 782, baud: 115_200, mhz: 48, agrees: false },
  { name: 'just below 45 MHz', divider: 781, baud: 115_200, mhz: 40, agrees: false },
  { name: 'less than 1 MHz above', divider: 468, baud: 115_200, mhz: 26, agrees: true },
  { name: 'more than 1 MHz above', divider: 469, baud: 115_200, mhz: 26, agrees: false },
  { name: 'less than 1 MHz below', divider: 435, baud: 115_200, mhz: 26, agrees: true },
  { name: 'more than 1 MHz below', divider: 434, baud: 115_200, mhz: 26, agrees: false },
  { name: 'a divider of nothing', divider: 0, baud: 115_200, mhz: 26, agrees: false },
  { name: 'the largest divider', divider: 0xfffff, baud: 115_200, mhz: 48, agrees: false },
])('$name is taken for $mhz MHz', ({ divider, baud, mhz, agrees }) => {
  const reading = readCrystal(esp8266, divider, baud);
  expect(reading).toMatchObject({ mhz, agrees });
  expect(reading.measuredMhz).toBeCloseTo((baud * divider) / 1e6 / 2, 9);
});

const rates = [74_880, 115_200, 230_400, 460_800, 921_600, 1_500_000, 2_000_000, 3_000_000];

test.for([26, 40, 48].flatMap((mhz) => rates.map((baud) => ({ mhz, baud }))))(
  'the rounding of the divider at $baud baud does not hide a crystal of $mhz MHz',
  ({ mhz, baud }) => {
    const exact = (mhz * 2_000_000) / baud;
    for (const divider of [Math.floor(exact), Math.round(exact)]) {
      expect(readCrystal(esp8266, divider, baud)).toMatchObject({ mhz, agrees: true });
    }
  },
);
