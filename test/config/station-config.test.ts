import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jobFileOf, loadStationConfig, parseStationConfig } from '../../src/config/station-config.ts';
import { linesOf, stationLines } from '../../src/config/station-lines.ts';
import { smallStation } from './config-samples.ts';

const parse = (text: string): ReturnType<typeof parseStationConfig> => parseStationConfig(text, '/etc/jigd/jigd.yaml');

test('the smallest file gets every default', () => {
  const output = { active: 'high', drive: 'push-pull' };
  const strap = { active: 'low', drive: 'open-drain' };
  expect(parse(smallStation)).toEqual({
    file: '/etc/jigd/jigd.yaml',
    station: { id: 's1', line: null, timezone: null, shifts: [], language: 'en' },
    ledger: { path: '/var/lib/jigd/ledger.sqlite', backup: null },
    mqtt: null,
    gpio: { driver: 'auto' },
    nests: [
      {
        id: 1,
        serial: { path: '/dev/ttyS0', baud: 921_600 },
        lines: {
          gpio0: { bcm: 5, ...strap },
          rst: { bcm: 6, ...strap },
          power: null,
          button: { bcm: 4, ...strap, debounceMs: 20 },
          present: null,
          pass: { bcm: 17, ...output },
          fail: { bcm: 27, ...output },
          busy: { bcm: 22, ...output },
          ready: null,
          buzzer: null,
        },
        reset: 'lines',
        resetPin: 'rst',
        stuckAfterMs: 5_000,
      },
    ],
    lines: { estop: null, fault: null },
    jobs: '/etc/jigd/jobs',
    job: null,
    lot: null,
    workOrder: null,
    approved: null,
    alarms: {
      nestFails: 3,
      stationFails: 4,
      sameCode: 5,
      nestYield: 3,
      falseFails: 50,
      lotYield: 98,
      noFailures: 2_000,
      marginalRate: 2,
      linkTime: 3,
      newFlashId: true,
      blockedStarts: 10,
    },
    controlSocket: '/run/jigd/control.sock',
    stopWithinMs: 60_000,
  });
});

test.for([
  { written: 'GPIO17', line: { bcm: 17, active: 'high', drive: 'push-pull' } },
  { written: '{ line: GPIO17 }', line: { bcm: 17, active: 'high', drive: 'push-pull' } },
  { written: '{ line: 17, active: low }', line: { bcm: 17, active: 'low', drive: 'push-pull' } },
  { written: '{ line: 17, active: low, drive: open-drain }', line: { bcm: 17, active: 'low', drive: 'open-drain' } },
])('a lamp written as $written is understood', ({ written, line }) => {
  expect(parse(smallStation.replace('pass: 17', `pass: ${written}`)).nests[0]!.lines.pass).toEqual(line);
});

test.for(['auto', 'chardev'])('a pull is accepted with the driver %s', (driver) => {
  const text = smallStation.replace('button: 4', 'button: { line: 4, pull: up }');
  const config = parse(`${text}gpio: { driver: ${driver} }\n`);
  expect(config.gpio).toEqual({ driver });
  expect(linesOf(config)).toContainEqual({ bcm: 4, active: 'low', drive: 'open-drain', pull: 'up', debounceMs: 20 });
  expect(linesOf(config).map(({ bcm }) => bcm)).toEqual([5, 6, 4, 17, 27, 22]);
});

test('lot and work order are labels as they are written', () => {
  const config = parse(`${smallStation}lot: 'L 48/A'\nworkOrder: '118204'\n`);
  expect(config).toMatchObject({ lot: 'L 48/A', workOrder: '118204' });
});

test('buzzer and fault lamp are lines like the others', () => {
  const config = parse(`${smallStation}      buzzer: 13\nlines: { fault: { line: 26, active: low } }\n`);
  expect(config.nests[0]!.lines.buzzer).toEqual({ bcm: 13, active: 'high', drive: 'push-pull' });
  expect(config.lines.fault).toEqual({ bcm: 26, active: 'low', drive: 'push-pull' });
  expect(linesOf(config).map(({ bcm }) => bcm)).toEqual([5, 6, 4, 17, 27, 22, 13, 26]);
});

test('a switched supply, a sensor and an e-stop are lines with defaults of their own', () => {
  const lines = '      power: 13\n      present: 12\n';
  const config = parse(`${smallStation}${lines}lines: { estop: 19 }\n`);
  expect(config.nests[0]!.lines).toMatchObject({
    power: { bcm: 13, active: 'high', drive: 'push-pull' },
    present: { bcm: 12, active: 'low', drive: 'open-drain', debounceMs: 20 },
  });
  expect(config.lines.estop).toEqual({ bcm: 19, active: 'high', drive: 'open-drain', debounceMs: 20 });
  expect(stationLines(config).map(({ use, direction, feeds }) => [use, direction, feeds])).toEqual([
    ['nest 1 gpio0', 'out', false],
    ['nest 1 rst', 'out', false],
    ['nest 1 power', 'out', true],
    ['nest 1 button', 'in', false],
    ['nest 1 present', 'in', false],
    ['nest 1 pass', 'out', false],
    ['nest 1 fail', 'out', false],
    ['nest 1 busy', 'out', false],
    ['station estop', 'in', false],
  ]);
});

test('a P-channel transistor is a supply that is switched on by pulling low', () => {
  const text = `${smallStation}      power: { line: 13, active: low, drive: open-drain }\n`;
  expect(parse(text).nests[0]!.lines.power).toEqual({ bcm: 13, active: 'low', drive: 'open-drain' });
});

test('a nest may reset the module by EN, and its line is named so', () => {
  const config = parse(smallStation.replace('rst: 6', 'en: { line: 6, pull: up }'));
  expect(config.nests[0]).toMatchObject({
    resetPin: 'en',
    lines: { rst: { bcm: 6, active: 'low', drive: 'open-drain', pull: 'up' } },
  });
  expect(stationLines(config).slice(0, 3)).toMatchObject([
    { role: 'gpio0', use: 'nest 1 gpio0' },
    { role: 'en', use: 'nest 1 en', spec: { bcm: 6 } },
    { role: 'button' },
  ]);
});

test.for([
  { written: '5ms', ms: 5 },
  { written: '0.05s', ms: 50 },
  { written: '1s', ms: 1000 },
  { written: '250', ms: 250 },
])('every input may say how long it bounces: $written', ({ written, ms }) => {
  const contact = (line: number): string => `{ line: ${line}, debounce: ${written} }`;
  const text = `${smallStation.replace('button: 4', `button: ${contact(4)}`)}      present: ${contact(12)}
lines: { estop: ${contact(19)} }
`;
  const { nests, lines } = parse(text);
  const found = [nests[0]!.lines.button, nests[0]!.lines.present, lines.estop];
  expect(found.map((line) => line?.debounceMs)).toEqual([ms, ms, ms]);
});

test.for([
  { written: '1s', ms: 1000 },
  { written: '60s', ms: 60_000 },
  { written: '2500', ms: 2500 },
  { written: 'off', ms: null },
  { written: "'off'", ms: null },
])('a button is stuck after $written', ({ written, ms }) => {
  expect(parse(`${smallStation}    stuckAfter: ${written}\n`).nests[0]!.stuckAfterMs).toBe(ms);
});

test('a strap can be told to be driven high', () => {
  const text = smallStation.replace('gpio0: 5', 'gpio0: { line: 5, active: high, drive: push-pull }');
  expect(parse(text).nests[0]!.lines.gpio0).toEqual({ bcm: 5, active: 'high', drive: 'push-pull' });
});

test('beside a switched supply a strap may be driven high through a transistor, which then pulls it low', () => {
  const rst = 'rst: { line: 6, active: high, drive: push-pull }';
  const nest = parse(`${smallStation.replace('rst: 6', rst)}      power: 13\n`).nests[0]!;
  expect(nest.lines.rst).toEqual({ bcm: 6, active: 'high', drive: 'push-pull' });
});

test('a nest whose port resets the module has no lines for that', () => {
  const text = `${smallStation.replace('      gpio0: 5\n      rst: 6\n', '')}    reset: dtr-rts\n`;
  expect(parse(text).nests[0]).toMatchObject({
    reset: 'dtr-rts',
    lines: { gpio0: null, rst: null, button: { bcm: 4 } },
  });
  const fed = text.replace('busy: 22', 'busy: 22\n      power: 13\n      present: 12');
  expect(parse(fed).nests[0]!.lines).toMatchObject({ rst: null, power: { bcm: 13 }, present: { bcm: 12 } });
  expect(stationLines(parse(fed)).map(({ role }) => role)).toEqual([
    'power',
    'button',
    'present',
    'pass',
    'fail',
    'busy',
  ]);
});

test('names are put into the base topic', () => {
  const topic = "{ url: 'mqtt://b:1883', protocol: 3.1.1, baseTopic: 'plant/${line}/jigd/${station}' }";
  const text = smallStation.replace('{ id: s1 }', '{ id: s1, line: smt2 }') + `mqtt: ${topic}\n`;
  expect(parse(text).mqtt).toEqual({
    url: 'mqtt://b:1883',
    protocol: '3.1.1',
    username: null,
    passwordFile: null,
    baseTopic: 'plant/smt2/jigd/s1',
  });
});

test('relative paths are relative to the file', () => {
  const config = parse(`${smallStation}ledger: { path: data/l.sqlite }\njobs: jobs\n`);
  expect(config.ledger.path).toBe('/etc/jigd/data/l.sqlite');
  expect(jobFileOf(config, 'a-job')).toBe('/etc/jigd/jobs/a-job.yaml');
});

test('a file is loaded from the disk, and one that is missing is named', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'jigd-config-'));
  try {
    const file = join(directory, 'jigd.yaml');
    await expect(loadStationConfig(file)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ file, line: 1, column: 1, key: '' }],
    });
    await writeFile(file, smallStation);
    expect((await loadStationConfig(file)).station.id).toBe('s1');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('copies of the ledger are made each day and a week of them is kept, unless the file says so', () => {
  const parse = (backup: string) =>
    parseStationConfig(`${smallStation}ledger: { backup: ${backup} }\n`, '/etc/jigd/j.yaml');
  expect(parse('{ to: copies }').ledger.backup).toEqual({ to: '/etc/jigd/copies', everyMs: 86_400_000, keep: 7 });
  expect(parse('{ to: /mnt/usb, every: 1h, keep: 30 }').ledger.backup).toEqual({
    to: '/mnt/usb',
    everyMs: 3_600_000,
    keep: 30,
  });
  expect(() => parse('{ to: /mnt/usb, every: 5s }')).toThrow(/a time from 1 h to 720 h, such as '24h'/);
});
