import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chips } from '../../src/chips/registry.ts';
import { parseJobFile } from '../../src/config/job-file.ts';
import { flashSizeNames } from '../../src/config/flash-size-text.ts';
import { jobSchema } from '../../src/config/job-schema.ts';
import { keysAt, schemaTree } from '../../src/config/schema-tree.ts';
import { parseStationConfig } from '../../src/config/station-config.ts';
import { stationSchema } from '../../src/config/station-schema.ts';
import { builtinNames } from '../../src/firmware/builtin-images.ts';
import { symbolicAddresses } from '../../src/firmware/symbolic-addresses.ts';
import { smallJob } from './config-samples.ts';
import { jobPage, stationPage } from './reference-page.ts';

const root = join(import.meta.dirname, '../..');
const stationFile = join(root, 'config/station.example.yaml');
const jobs = readdirSync(join(root, 'config/jobs')).filter((name) => name.endsWith('.yaml'));

describe('the examples', () => {
  test('of a station is accepted', () => {
    const config = parseStationConfig(readFileSync(stationFile, 'utf8'), stationFile);
    expect(config.nests.map(({ id }) => id)).toEqual([1, 2]);
    expect(config.mqtt?.baseTopic).toBe('jigd/flash-03');
    expect(jobs).toContain(`${config.job ?? ''}.yaml`);
  });

  test('of a station is accepted with the lines that it shows as comments', () => {
    const text = readFileSync(stationFile, 'utf8')
      .replace(/^ +rst: 6 .*\n/m, '')
      .replaceAll(/# ((?:en|power|present|stuckAfter|estop|backup): )/g, '$1');
    const { ledger, nests, lines } = parseStationConfig(text, stationFile);
    expect(nests[0]).toMatchObject({
      resetPin: 'en',
      stuckAfterMs: 5_000,
      lines: { rst: { bcm: 6 }, power: { bcm: 13 }, present: { bcm: 18 } },
    });
    expect(lines.estop).toMatchObject({ bcm: 19 });
    expect(ledger.backup).toEqual({ to: '/mnt/usb/jigd', everyMs: 86_400_000, keep: 7 });
  });

  test.for(jobs.map((name) => ({ name })))('of a job is accepted: $name', ({ name }) => {
    const job = parseJobFile(readFileSync(join(root, 'config/jobs', name), 'utf8'), name);
    expect(`${job.name}.yaml`).toBe(name);
  });

  test.for([
    {
      file: 'config/station.example.yaml',
      schema: stationSchema,
      places: [
        [],
        ['station'],
        ['ledger'],
        ['ledger', 'backup'],
        ['mqtt'],
        ['gpio'],
        ['alarms'],
        ['control'],
        ['nests', 0],
        ['nests', 0, 'serial'],
        ['nests', 0, 'lines'],
        ['nests', 0, 'lines', 'rst'],
        ['lines'],
      ],
    },
    {
      file: 'config/jobs/esp12-nodemcu.yaml',
      schema: jobSchema,
      places: [[], ['flash'], ['images', 0], ['boot'], ['boot', 'dialogue', 0], ['policy']],
    },
  ])('show every key in $file', ({ file, schema, places }) => {
    const text = readFileSync(join(root, file), 'utf8');
    const keys = places.flatMap((place) => keysAt(schemaTree(schema), place));
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(text))).toEqual([]);
  });
});

describe('the words of a job file are those of the chips and of the firmware', () => {
  const flash = (key: 'mode' | 'frequency', value: string): unknown =>
    parseJobFile(smallJob.replace('4MB', `4MB, ${key}: ${value}`), 'f').flash[key];

  test('for families and sizes', () => {
    for (const chip of chips) {
      expect(Object.keys(chip.header.sizes)).toEqual([...flashSizeNames]);
      expect(parseJobFile(smallJob.replace('esp8266', chip.family), 'f').chip).toBe(chip.family);
    }
  });

  test('for modes and frequencies', () => {
    for (const { header } of chips) {
      for (const mode of Object.keys(header.modes)) expect(flash('mode', mode)).toBe(mode);
      for (const frequency of Object.keys(header.frequencies)) expect(flash('frequency', frequency)).toBe(frequency);
    }
  });

  test('for builtins and named addresses', () => {
    const [image] = [smallJob.replace('file: fw.bin', 'builtin: NAME')];
    for (const name of builtinNames) {
      expect(parseJobFile(image.replace('NAME', name), 'f').images[0]!.source).toEqual({ builtin: name });
    }
    for (const name of symbolicAddresses) {
      expect(parseJobFile(smallJob.replace('at: 0', `at: ${name}`), 'f').images[0]!.at).toBe(name);
    }
  });
});

// `npx vitest run test/config/documents.test.ts -u` writes the pages after a change of the schemas.
describe('the reference pages are what the schemas say', () => {
  test('for the station', async () => {
    await expect(stationPage()).toMatchFileSnapshot(join(root, 'docs/config-station.md'));
  });

  test('for a job', async () => {
    await expect(jobPage()).toMatchFileSnapshot(join(root, 'docs/config-job.md'));
  });
});
