import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import type { FlashPart } from '../../src/simulator/flash/flash-timing.ts';
import { StationBench } from '../support/station-bench.ts';

const directory = join(import.meta.dirname, '../../../shared/firmware');
const skipped = existsSync(directory) ? '' : ' (skipped: no ../shared/firmware beside the repository)';
const kib = 1024;

interface RealJob {
  readonly name: string;
  readonly jobText: string;
  readonly flash: FlashPart;
  /** What must be in the flash, and which bytes the station sets. */
  readonly holds: readonly { readonly file: string; readonly address: number; readonly patched: readonly number[] }[];
  /** The two bytes of the header after the patch. */
  readonly header: readonly number[];
}

describe.skipIf(skipped !== '')(`real firmware${skipped}`, () => {
  test.concurrent.for<RealJob>([
    {
      name: 'NodeMCU in two files with init data, 4 MB, DIO',
      jobText: `name: nodemcu-split
chip: esp8266
flash: { size: 4MB, mode: dio, frequency: 40m }
images:
  - { file: 0x00000.bin, at: 0x00000 }
  - { file: 0x10000.bin, at: 0x10000 }
  - { file: esp_init_data_default.bin, at: init-data }
`,
      flash: w25q32,
      holds: [
        { file: '0x00000.bin', address: 0, patched: [2, 3] },
        { file: '0x10000.bin', address: 0x10000, patched: [] },
        { file: 'esp_init_data_default.bin', address: 0x3fc000, patched: [] },
      ],
      header: [2, 0x40],
    },
    {
      name: 'NodeMCU in one file with blank parameters, 512 KB, QIO',
      jobText: `name: nodemcu-combined
chip: esp8266
flash: { size: 512KB, mode: qio, frequency: 40m }
images:
  - { file: nodemcu_integer_0.9.5_20150318.bin, at: 0x00000 }
  - { file: blank.bin, at: system-params }
`,
      flash: { ...w25q32, id: 0x1340ef, bytes: 512 * kib, content: new Uint8Array(512 * kib) },
      // Its header says QIO, 512 KB and 40 MHz already.
      holds: [
        { file: 'nodemcu_integer_0.9.5_20150318.bin', address: 0, patched: [] },
        { file: 'blank.bin', address: 0x7e000, patched: [] },
      ],
      header: [0, 0],
    },
  ])('$name', async ({ jobText, flash, holds, header }) => {
    await using bench = await StationBench.open({
      jobText,
      arrange: (file) => {
        for (const each of holds) copyFileSync(join(directory, each.file), file(each.file));
      },
    });
    const chip = bench.insert({ flash });
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'PASS', flash_bytes: flash.bytes, boot_mode: '3,7' });
    const addresses = result.digest_expected?.split(' ').map((digest) => Number(digest.split('=')[0]));
    expect(addresses).toEqual(holds.map(({ address }) => address));
    expect(result.digest_actual).toBe(result.digest_expected);
    for (const each of holds) expect(differences(chip, each.file, each.address)).toEqual(each.patched);
    expect([...chip.flash.read(2, 2)]).toEqual(header);
    expect((await bench.received(1))[0]).toEqual(result);
  });
});

/** Where the flash differs from a file. */
function differences(chip: SimulatedChip, file: string, address: number): number[] {
  const image = readFileSync(join(directory, file));
  const held = chip.flash.read(address, image.length);
  return [...image.keys()].filter((index) => held[index] !== image[index]);
}
