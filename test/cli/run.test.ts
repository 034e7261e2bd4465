import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../ledger/runs.ts';
import { bootImage, secondImage, usualJob } from '../support/station-bench.ts';
import { jigd } from './jigd-process.ts';

const example = readFileSync(join(import.meta.dirname, '../../config/station.example.yaml'), 'utf8');
let folder: ReturnType<typeof temporaryFolder>;
let config: string;

/** The example with paths that exist here, beside a job that is real. */
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(folder.file('jobs'));
  writeFileSync(folder.file('jobs/esp12-nodemcu.yaml'), usualJob);
  writeFileSync(folder.file('jobs/boot.bin'), bootImage);
  writeFileSync(folder.file('jobs/second.bin'), secondImage);
  writeFileSync(folder.file('mqtt-password'), 'secret\n');
  config = folder.file('station.yaml');
  writeConfig((text) => text);
});
afterEach(() => folder[Symbol.dispose]());

function writeConfig(change: (text: string) => string): void {
  const here = example
    .replace('/var/lib/jigd/ledger.sqlite', folder.file('ledger.sqlite'))
    .replace('/etc/jigd/mqtt-password', 'mqtt-password')
    .replace('/etc/jigd/jobs', 'jobs');
  writeFileSync(config, change(here));
}

/** Puts one text in the place of another, which must be there. @returns the new text */
const instead = (old: string, next: string) => (text: string) => {
  if (!text.includes(old)) throw new Error(`The example has no "${old}".`);
  return text.replace(old, next);
};

const check = () => jigd('run', '--config', config, '--check');

test('the example with a real job is valid, and its hash is told', async () => {
  const { code, out, err } = await check();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/station\.yaml is valid: 2 nests, job bench-job sha256:[0-9a-f]{64}\n$/);
});

test.for([
  {
    name: 'an unknown key',
    old: 'timezone:',
    next: 'timezon:',
    at: /^\S+station\.yaml:\d+:3: station\.timezon: .*timezone/m,
  },
  {
    name: 'a wrong type',
    old: 'baud: 921600',
    next: 'baud: fast',
    at: /^\S+station\.yaml:\d+:13: nests\[0\]\.serial\.baud: .*fast/m,
  },
  {
    name: 'the same port twice',
    old: '/dev/serial/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-port0',
    next: '/dev/ttyAMA0',
    at: /^\S+station\.yaml:\d+:13: nests\[1\]\.serial\.path: \/dev\/ttyAMA0 is already used by nests\[0\]\.serial\.path\./m,
  },
  {
    name: 'the same line twice',
    old: 'gpio0: GPIO7',
    next: 'gpio0: GPIO17',
    at: /^\S+station\.yaml:\d+:14: nests\[1\]\.lines\.gpio0: GPIO17 is already used by nests\[0\]\.lines\.pass\./m,
  },
  { name: 'no YAML', old: 'station:', next: 'station: [', at: /^\S+station\.yaml:\d+:\d+: / },
  {
    name: 'a password file that is not there',
    old: 'passwordFile: mqtt-password',
    next: 'passwordFile: none',
    at: /^\S+none:1:1: mqtt\.passwordFile: cannot be read: there is no such file\./,
  },
])('$name is bad configuration: 78, with file, line and column', async ({ old, next, at }) => {
  writeConfig(instead(old, next));
  const { code, out, err } = await check();
  expect({ code, out }).toEqual({ code: 78, out: '' });
  expect(err).toMatch(at);
  expect(err).not.toMatch(/\n {4}at /);
});

test('several mistakes are told at once, each with its place', async () => {
  writeConfig((text) => instead('baud: 921600', 'baud: fast')(instead('timezone:', 'timezon:')(text)));
  const { code, err } = await check();
  expect(code).toBe(78);
  expect(err.trimEnd().split('\n')).toHaveLength(2);
});

test('a station file that is not there is bad configuration', async () => {
  const { code, err } = await jigd('run', '--config', folder.file('none.yaml'), '--check');
  expect(code).toBe(78);
  expect(err).toMatch(/none\.yaml:1:1: cannot be read: there is no such file/);
});

test('a job file that is no job is bad configuration, with its own place', async () => {
  writeFileSync(folder.file('jobs/esp12-nodemcu.yaml'), usualJob.replace('esp8266', 'esp99'));
  const { code, err } = await check();
  expect(code).toBe(78);
  expect(err).toMatch(/jobs\/esp12-nodemcu\.yaml:4:7: chip: expected esp8266/);
});

test.for([
  {
    name: 'a job whose image is missing',
    spoil: () => writeFileSync(folder.file('jobs/esp12-nodemcu.yaml'), usualJob.replace('second.bin', 'third.bin')),
    says: /^J02 FILE_MISSING: third\.bin/,
  },
  {
    name: 'a job that is not approved',
    spoil: () => writeConfig((text) => `${text}approved: ['sha256:${'0'.repeat(64)}']\n`),
    says: /^J03 FILE_CHANGED: Job bench-job has the hash sha256:/,
  },
  {
    name: 'a station without a job',
    spoil: () => writeConfig(instead('job: esp12-nodemcu', '')),
    says: /^J01 NO_JOB/,
  },
])('$name fails the check: 1', async ({ spoil, says }) => {
  spoil();
  const { code, out, err } = await check();
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(says);
});
