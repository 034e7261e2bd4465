import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtinImage } from '../../src/firmware/builtin-images.ts';
import type { ImageDefinition } from '../../src/firmware/job-definition.ts';
import { diskFiles } from '../../src/firmware/job-files.ts';
import { resolveJob } from '../../src/firmware/resolve-job.ts';
import { definitionOf } from './sample-images.ts';

const directory = join(import.meta.dirname, '../../../shared/firmware');
const skipped = existsSync(directory) ? '' : ' (skipped: no ../shared/firmware beside the repository)';

describe.skipIf(skipped !== '')(`real images${skipped}`, () => {
  const file = (name: string, at: ImageDefinition['at']): ImageDefinition => ({
    source: { file: name },
    at,
    sha256: null,
  });

  test.for([
    { builtin: 'init-data', name: 'esp_init_data_default.bin' },
    { builtin: 'blank', name: 'blank.bin' },
  ] as const)('the builtin $builtin is $name', ({ builtin, name }) => {
    expect([...builtinImage(builtin)]).toEqual([...readFileSync(join(directory, name))]);
  });

  test('NodeMCU in one file becomes one padded region with the size in its header', () => {
    const images = [file('nodemcu_integer_0.9.5_20150318.bin', 0), file('esp_init_data_default.bin', 'init-data')];
    const job = resolveJob(definitionOf({ images }), directory, diskFiles);
    const [app, init] = job.regionsFor(4 << 20);
    expect([...app!.data.subarray(0, 4)]).toEqual([0xe9, 3, 0, 0x40]);
    expect(app!.data.length).toBe(416_524);
    expect([...app!.data.subarray(-2)]).toEqual([0xff, 0xff]);
    expect(init!.address).toBe(0x3fc000);
    job.assertUnchanged();
  });

  test('NodeMCU in two files fits 512 KB with init data and blank', () => {
    const images = [
      file('0x10000.bin', 0x10000),
      file('0x00000.bin', 0),
      file('esp_init_data_default.bin', 'init-data'),
      file('blank.bin', 'system-params'),
    ];
    const flash = { size: '512KB', mode: 'qio', frequency: '40m' } as const;
    const regions = resolveJob(definitionOf({ images, flash }), directory, diskFiles).regionsFor(512 * 1024);
    expect(regions.map(({ address }) => address)).toEqual([0, 0x10000, 0x7c000, 0x7e000]);
    expect([...regions[0]!.data]).toEqual([...readFileSync(join(directory, '0x00000.bin'))]);
  });
});
