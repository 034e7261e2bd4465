import { expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { identifyChip } from '../../src/bootloader/identify.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** @param readings the values of the detect register and the four efuse words, one list per reading */
function identify(read: (address: number, count: number) => number | null) {
  const clock = new VirtualClock();
  const counts = new Map<number, number>();
  const link = new ScriptedLink(clock, ({ word }) => {
    const address = word(0);
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    const value = read(address, count);
    if (value !== null) link.reply(0x0a, { value });
  });
  const loader = new Loader(link, clock, silentLogger());
  const work = identifyChip(loader, esp8266, new AbortController().signal);
  return { work: inVirtualTime(clock, work), counts };
}

const words = [0x5cc2a000, 0x0200a4f1, 0x3000b000, 0x005ccf7f];
const good = (address: number): number => {
  if (address === esp8266.registers.uartDivider) return 452;
  return address === esp8266.registers.detect ? esp8266.magic : words[esp8266.registers.efuses.indexOf(address)]!;
};

test('chip, MAC and crystal come from the registers', async () => {
  expect(await identify(good).work).toEqual({
    mac: '5c:cf:7f:a4:f1:5c',
    variant: 'ESP8266EX',
    features: ['Wi-Fi', '160MHz'],
    embeddedFlashBytes: null,
    chipId: 0x00a4f15c,
    crystalMhz: 26,
    crystal: { mhz: 26, measuredMhz: 26.0352, agrees: true },
  });
});

test('the other bits of the divider register are not part of the divider', async () => {
  const { work } = identify((address) =>
    address === esp8266.registers.uartDivider ? 0xfff00000 | 694 : good(address),
  );
  expect(await work).toMatchObject({ crystalMhz: 40, crystal: { mhz: 40, agrees: true } });
});

test('another family is D01 with both values, after two readings', async () => {
  const { work, counts } = identify((address) => (address === 0x40001000 ? 0x00f01d83 : good(address)));
  await expect(work).rejects.toMatchObject({
    code: 'D01',
    detail: 'The detect register reads 0x00f01d83, not 0xfff0c101.',
  });
  expect(counts.get(0x40001000)).toBe(2);
});

test('a misread MAC is read a second time before it is judged', async () => {
  const { work } = identify((address, count) =>
    address === esp8266.registers.efuses[1] && count === 1
      ? 0
      : address === esp8266.registers.efuses[3] && count === 1
        ? 0x0e000000
        : good(address),
  );
  expect(await work).toMatchObject({ mac: '5c:cf:7f:a4:f1:5c' });
});

test('a misread MAC that would be valid does not get into the record', async () => {
  const { work } = identify((address, count) =>
    address === esp8266.registers.efuses[0] && count === 1 ? 0x5dc2a000 : good(address),
  );
  expect(await work).toMatchObject({ mac: '5c:cf:7f:a4:f1:5c' });
});

test('efuses that never read the same are C04', async () => {
  const { work } = identify((address, count) => (address === esp8266.registers.efuses[0] ? count : good(address)));
  await expect(work).rejects.toMatchObject({ code: 'C04' });
});

test('an invalid MAC twice is D03', async () => {
  const { work, counts } = identify((address) =>
    address === esp8266.registers.efuses[3] ? 0x0e000000 : good(address),
  );
  await expect(work).rejects.toMatchObject({ code: 'D03' });
  expect(counts.get(esp8266.registers.efuses[0]!)).toBe(2);
});

test('a module that falls silent is C06', async () => {
  const { work } = identify((address) => (address === esp8266.registers.efuses[2] ? null : good(address)));
  await expect(work).rejects.toMatchObject({ code: 'C06' });
});
