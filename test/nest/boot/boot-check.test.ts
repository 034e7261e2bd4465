import { expect, test } from 'vitest';
import type { BootCheck } from '../../../src/firmware/job.ts';
import { check, header, load, rom, start } from '../../support/started-module.ts';
import type { Line } from '../../support/started-module.ts';

test('the text of the ROM is enough when only the header is checked', async () => {
  const { work, sighting, clock, link } = start([rom], 'header');
  await work;
  expect(sighting).toEqual({ bootMode: '3,7', bootVersion: null, retries: 0 });
  expect(link.bauds).toEqual([74_880]);
  expect(clock.monotonic()).toBeLessThan(150);
});

test('RST is pulsed for 100 ms with GPIO0 released', async () => {
  const { work, rst, gpio0 } = start([rom], 'header');
  await work;
  expect(rst.changes).toEqual([
    { atMs: 0, active: true },
    { atMs: 100, active: false },
  ]);
  expect(gpio0.changes).toEqual([]);
});

test('the rate of the application is listened at after that of the ROM', async () => {
  const { work, sighting, link } = start([rom, [60, 115_200, 'NodeMCU 2.3.1 ready']], check);
  await work;
  expect(link.bauds).toEqual([74_880, 115_200]);
  expect(sighting.bootVersion).toBe('2.3.1');
});

test('a host that changes its rate too late starts the application again', async () => {
  const { work, sighting, link, rst } = start([rom, [60, 115_200, 'NodeMCU 2.3.1 ready']], check);
  link.setBaudMs = 120;
  await work;
  expect(sighting).toEqual({ bootMode: '3,7', bootVersion: '2.3.1', retries: 0 });
  expect(rst.changes.filter(({ active }) => active)).toHaveLength(2);
});

test('an application at the rate of the ROM may print without a pause', async () => {
  const { work, sighting } = start([[6, 74_880, `${header}${load}NodeMCU 9 \n`]], { ...check, baud: 74_880 });
  await work;
  expect(sighting.bootVersion).toBe('9');
});

test('a version that arrives in pieces is read whole', async () => {
  const pieces: Line[] = ['NodeMCU 2', '.3', '.1\r', '\n'].map((text, index) => [60 + 20 * index, 115_200, text]);
  const { work, sighting } = start([rom, ...pieces], { ...check, version: '2.3.1' });
  await work;
  expect(sighting.bootVersion).toBe('2.3.1');
});

test('a version is kept without control characters and no longer than 64', async () => {
  const noisy = `\x1b[0m\x07${'v'.repeat(80)}`;
  const { work, sighting } = start([rom, [60, 115_200, `NodeMCU ${noisy} \n`]], check);
  await work;
  expect(sighting.bootVersion).toBe(`[0m${'v'.repeat(61)}`);
});

test('without a group the whole match is the version', async () => {
  const { work, sighting } = start([rom, [60, 115_200, 'ready.\n']], { ...check, expect: /ready/ });
  await work;
  expect(sighting.bootVersion).toBe('ready');
});

test.for<{ name: string; lines: readonly Line[]; what?: BootCheck | 'header'; code: string; withinMs: number }>([
  { name: 'nothing at all', lines: [], code: 'B01', withinMs: 1_200 },
  { name: 'flash mode again', lines: [[6, 74_880, header.replace('(3,', '(1,')]], code: 'B02', withinMs: 400 },
  { name: 'a wrong checksum', lines: [[6, 74_880, `${header}${load}csum err\n`]], code: 'B04', withinMs: 500 },
  {
    name: 'checksums that differ',
    lines: [[6, 74_880, header + load.replace('csum 0x63', 'csum 0x64')]],
    code: 'B04',
    withinMs: 500,
  },
  { name: 'no image', lines: [[6, 74_880, `${header}flash read err, 1000\n`]], code: 'B04', withinMs: 500 },
  { name: 'a start that the ROM gives up', lines: [[6, 74_880, `${header}ets_main.c \n`]], code: 'B04', withinMs: 500 },
  {
    name: 'a segment that is nonsense',
    lines: [[6, 74_880, `${header}load 0xe5c7a011, len -437918235, room 16 \n`]],
    code: 'B04',
    withinMs: 500,
  },
  {
    name: 'an image that the ROM does not come to the end of',
    lines: [[6, 74_880, header + load.slice(0, load.indexOf('csum 0x63\n', 60))]],
    code: 'B04',
    withinMs: 700,
  },
  { name: 'a header and then nothing at all', lines: [[6, 74_880, header]], code: 'B04', withinMs: 2_300 },
  { name: 'another boot mode', lines: [[6, 74_880, header.replace('(3,', '(5,')]], code: 'C05', withinMs: 500 },
  { name: 'bytes that are no text', lines: [[6, 9_600, header]], code: 'C04', withinMs: 4_500 },
  {
    name: 'no banner after 10 s of silence',
    lines: [rom],
    what: { ...check, withinMs: 10_000 },
    code: 'B07',
    withinMs: 10_200,
  },
  { name: 'no banner, and no restart either', lines: [rom], what: check, code: 'B07', withinMs: 9_300 },
  {
    name: 'no banner by an application that never stops talking',
    lines: [rom, ...Array.from({ length: 40 }, (_, index): Line => [500 * index, 115_200, 'still alive\n'])],
    what: check,
    code: 'B07',
    withinMs: 14_300,
  },
  {
    name: 'another version',
    lines: [rom, [60, 115_200, 'NodeMCU 2.3.0 \n']],
    what: { ...check, version: '2.3.1' },
    code: 'B05',
    withinMs: 400,
  },
  {
    name: 'a forbidden text before the banner',
    lines: [rom, [60, 115_200, 'out of memory\n'], [90, 115_200, 'NodeMCU 2.3.1 \n']],
    what: { ...check, forbid: /out of memory/ },
    code: 'B05',
    withinMs: 400,
  },
  {
    name: 'a forbidden text behind the banner in its line',
    lines: [rom, [60, 115_200, 'NodeMCU 2.3.1 '], [90, 115_200, 'for tests only\n']],
    what: { ...check, forbid: /for tests only/ },
    code: 'B05',
    withinMs: 400,
  },
  {
    name: 'a selftest that fails',
    lines: [rom, [60, 115_200, 'selftest: FAIL 3\n'], [90, 115_200, 'NodeMCU 2.3.1 \n']],
    what: { ...check, fail: /FAIL \d/, forbid: /selftest/ },
    code: 'B08',
    withinMs: 400,
  },
  {
    name: 'a selftest that fails, and no text that is expected',
    lines: [rom, [4_000, 115_200, 'selftest: FAIL 3\n']],
    what: { ...check, expect: null, fail: /FAIL \d/ },
    code: 'B08',
    withinMs: 4_200,
  },
  {
    name: 'a complaint about radio data, also where it is forbidden,',
    lines: [rom, [60, 115_200, 'rf_cal[0] !=0x05,is 0xFF\n'], [90, 115_200, 'NodeMCU 2.3.1 \n']],
    what: { ...check, forbid: /rf_cal\[0\]/ },
    code: 'B06',
    withinMs: 400,
  },
  {
    name: 'a complaint about radio data at the rate of the ROM',
    lines: [
      rom,
      ...Array.from({ length: 20 }, (_, turn): Line[] => [
        [200 + 400 * turn, 74_880, 'rf_cal[0] !=0x05,is 0xFF\n'],
      ]).flat(),
    ],
    what: check,
    code: 'B06',
    withinMs: 5_700,
  },
  {
    name: 'three starts',
    lines: [rom, [300, 74_880, header + load], [600, 74_880, header + load]],
    what: { ...check, baud: 74_880 },
    code: 'B03',
    withinMs: 800,
  },
  {
    name: 'a start by the watchdog',
    lines: [rom, [3_000, 74_880, header.replace('cause:2', 'cause:4')]],
    what: { ...check, baud: 74_880 },
    code: 'B03',
    withinMs: 3_200,
  },
  {
    name: 'a start by the watchdog that cannot be read at the rate of the application',
    lines: [rom, ...[8_500, 17_000].map((atMs): Line => [atMs, 74_880, header.replace('cause:2', 'cause:4')])],
    what: { ...check, withinMs: 10_000 },
    code: 'B03',
    withinMs: 17_200,
  },
  {
    name: 'three starts that cannot be read at the rate of the application',
    lines: [rom, ...Array.from({ length: 30 }, (_, turn): Line => [500 + 500 * turn, 74_880, header + load])],
    what: check,
    code: 'B03',
    withinMs: 6_300,
  },
  {
    name: 'one exception after the other',
    lines: [rom, ...[100, 900].map((atMs): Line => [atMs, 115_200, 'Fatal exception (28): \nepc1=0x40212345\n'])],
    what: check,
    code: 'B03',
    withinMs: 1_100,
  },
  {
    name: 'a loop that the ROM text shows already',
    lines: [[6, 74_880, header + header.replace('cause:2', 'cause:4') + load]],
    code: 'B03',
    withinMs: 200,
  },
  {
    name: 'a module that comes to its supply in place of the one that was started',
    lines: [rom, [900, 74_880, header.replace('cause:2', 'cause:1') + load], [1_000, 74_880, 'NodeMCU 2.3.1 \n']],
    what: { ...check, baud: 74_880 },
    code: 'C06',
    withinMs: 1_100,
  },
])('$name is $code in time', async ({ lines, what = 'header', code, withinMs }) => {
  const { work, clock, rst } = start(lines, what);
  await expect(work).rejects.toMatchObject({ code });
  expect(clock.monotonic()).toBeLessThan(withinMs);
  expect(rst.active).toBe(false);
  await clock.elapse(30_000);
  expect(clock.pending).toBe(0);
});

test.for<{ name: string; lines: readonly Line[]; baud?: number }>([
  {
    name: 'one exception and a restart',
    lines: [rom, [100, 115_200, 'Exception (9):\n'], [400, 115_200, 'NodeMCU 2.3.1 \n']],
  },
  {
    name: 'a restart by itself',
    lines: [rom, [100, 74_880, header.replace('cause:2', 'cause:3') + load], [400, 74_880, 'NodeMCU 2.3.1 \n']],
    baud: 74_880,
  },
  {
    name: 'a restart of a module whose EN is what the station pulls',
    lines: [1, 2].map((turn): Line => {
      const rest = turn === 1 ? load : `${load}NodeMCU 2.3.1 \n`;
      return [100 * turn, 74_880, header.replace('cause:2', 'cause:1') + rest];
    }),
    baud: 74_880,
  },
  { name: 'a name that only resembles a complaint', lines: [rom, [60, 115_200, 'rf_cal[0] =0x05\nNodeMCU 2.3.1 \n']] },
])('$name is no fault', async ({ lines, baud = 115_200 }) => {
  const { work, sighting } = start(lines, { ...check, baud, forbid: /out of memory/ });
  await work;
  expect(sighting.bootVersion).toBe('2.3.1');
});

test.for([
  { megabytes: 0.5, limitMs: 10_000 },
  { megabytes: 1, limitMs: 10_000 },
  { megabytes: 2, limitMs: 30_000 },
  { megabytes: 4, limitMs: 60_000 },
  { megabytes: 16, limitMs: 60_000 },
])(
  'without a limit in the job the first start may take $limitMs ms on $megabytes MB',
  async ({ megabytes, limitMs }) => {
    const bytes = megabytes * 1024 * 1024;
    const lines: Line[] = [rom, [limitMs - 500, 115_200, 'NodeMCU 2.3.1 \n']];
    await start(lines, { ...check, withinMs: null }, bytes).work;
    const silent = start([rom], { ...check, withinMs: null }, bytes);
    await expect(silent.work).rejects.toMatchObject({
      code: 'B07',
      detail: `The expected text did not come within ${limitMs} ms: nothing came.`,
    });
    expect(silent.clock.monotonic()).toBeLessThan(limitMs + 300);
  },
);

test('a fault says what came last, and that the module restarted by itself', async () => {
  const restart = [5_500, 74_880, header.replace('cause:2', 'cause:3') + load] as const;
  const { work } = start([rom, [4_000, 115_200, '\r\nwaiting for the hub\r\n'], restart], check);
  await expect(work).rejects.toMatchObject({
    code: 'B07',
    detail:
      'The expected text did not come within 5000 ms: the last that came is "waiting for the hub". It restarted by itself once.',
  });
});

test('what was seen of the boot mode is kept when the check fails', async () => {
  const { work, sighting } = start([[6, 74_880, header.replace('(3,', '(1,')]], 'header');
  await expect(work).rejects.toMatchObject({ code: 'B02' });
  expect(sighting.bootMode).toBe('1,7');
});
