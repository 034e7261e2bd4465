import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyCommand } from '../../src/cli/identify.ts';
import { crystalWarning, identityList, identityRecord } from '../../src/cli/module/identity-text.ts';
import type { ModuleDetails } from '../../src/nest/module/module-details.ts';
import { esp8285EfusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32, w25q32Timing } from '../../src/simulator/flash/flash-timing.ts';
import { CommandBench, mac } from './module-command.ts';

let bench: CommandBench;

beforeEach(async () => {
  bench = await CommandBench.open();
});

afterEach(() => bench[Symbol.asyncDispose]());

const plain = {
  mac,
  chip: 'ESP8266EX',
  chip_id: '0x00d58e3a',
  features: ['Wi-Fi', '160MHz'],
  crystal_mhz: 26,
  crystal_measured_mhz: 26.04,
  flash_id: 'ef4016',
  flash_maker: 'Winbond',
  flash_bytes: 4_194_304,
  embedded_flash_bytes: null,
};

test('with --json every key is there, in one line', async () => {
  bench.insert();
  const { out, err } = await bench.run(identifyCommand, '--json', ...bench.byLines);
  expect(out).toBe(`${JSON.stringify(plain)}\n`);
  expect(err).toBe('');
});

test('for people a fact is a line', async () => {
  bench.insert();
  const { out } = await bench.run(identifyCommand, ...bench.byLines);
  expect(out).toBe(
    [
      'chip      ESP8266EX (Wi-Fi, 160MHz)',
      'MAC       18:fe:34:d5:8e:3a',
      'chip id   0x00d58e3a',
      'crystal   26 MHz',
      'flash id  ef4016',
      'maker     Winbond',
      'size      4096 KB',
      '',
    ].join('\n'),
  );
});

test('an ESP8285 with a flash of PUYA and a crystal of 40 MHz is told apart', async () => {
  const flash = { id: 0x146085, bytes: 1 << 20, timing: w25q32Timing };
  bench.insert({ efuses: esp8285EfusesForMac(mac), flash, crystalMhz: 40 });
  const { out } = await bench.run(identifyCommand, '--json', ...bench.byLines);
  expect(JSON.parse(out)).toMatchObject({
    chip: 'ESP8285N08',
    features: ['Wi-Fi', '160MHz', 'Embedded Flash'],
    crystal_mhz: 40,
    flash_id: '856014',
    flash_maker: 'PUYA',
    flash_bytes: 1 << 20,
    embedded_flash_bytes: 1 << 20,
  });
});

test('a divider that fits no crystal is told on standard error, and the rest is printed', async () => {
  bench.insert({ crystalMhz: 40, misbehave: [{ kind: 'autoBaudOff', aboveBaud: 0, percent: 3 }] });
  const { out, err } = await bench.run(identifyCommand, '--json', ...bench.byLines);
  expect(err).toMatch(/^The crystal measures 41\.\d+ MHz, more than 1 MHz off the 40 MHz that it is taken for\.\n$/);
  expect(JSON.parse(out)).toMatchObject({ mac, crystal_mhz: 40, flash_maker: 'Winbond' });
});

test('a flash of a maker that nobody knows is told by its number', async () => {
  bench.insert({ flash: { ...w25q32, id: 0x164042 } });
  const list = await bench.run(identifyCommand, ...bench.byLines);
  expect(list.out).toMatch(/^maker {5}unknown \(0x42\)$/m);
  const record = await bench.run(identifyCommand, '--json', ...bench.byLines);
  expect(JSON.parse(record.out)).toMatchObject({ flash_id: '424016', flash_maker: null });
});

test('a module that does not answer is C01', async () => {
  await expect(bench.run(identifyCommand, '--json', ...bench.byLines)).rejects.toMatchObject({ code: 'C01' });
});

const details: ModuleDetails = {
  mac,
  chip: 'ESP8285H16',
  chipId: 0xab,
  features: ['Wi-Fi'],
  embeddedFlashBytes: 2 << 20,
  crystal: { mhz: 40, measuredMhz: 39.987, agrees: true },
  flashId: 'c86015',
  flashBytes: 2 << 20,
  flashMaker: { name: 'GigaDevice', remark: 'Use dio or dout.' },
};

test('the remark on a maker follows the list, which has the flash inside the chip', () => {
  expect(identityList(details)).toMatch(/^size {6}2048 KB\nembedded {2}2048 KB\nUse dio or dout\.\n$/m);
});

test('numbers in JSON keep their digits', () => {
  expect(identityRecord(details)).toMatchObject({ chip_id: '0x000000ab', crystal_measured_mhz: 39.99 });
  expect(crystalWarning(details)).toBeNull();
});
