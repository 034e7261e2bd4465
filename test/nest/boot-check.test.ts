import { expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import type { BootCheck } from '../../src/firmware/job.ts';
import { checkBoot } from '../../src/nest/boot-check.ts';
import type { BootSighting } from '../../src/nest/boot-check.ts';
import { inVirtualTime, RecordedLine, ScriptedLink } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const header = '\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\n\n';
const load = 'load 0x40100000, len 1856, room 16 \ntail 0\nchksum 0x63\ncsum 0x63\n';
const check: BootCheck = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: null,
  forbid: null,
  fail: null,
  dialogue: [],
  withinMs: 5_000,
};

/** What the module prints after the release of RST: when, at which rate, what. */
type Line = readonly [atMs: number, baud: number, text: string];
const rom: Line = [6, 74_880, header + load];

function start(lines: readonly Line[], what: BootCheck | 'header') {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock);
  const rst = new RecordedLine(clock);
  const gpio0 = new RecordedLine(clock);
  rst.onChange = (active) => {
    if (active) return;
    for (const [atMs, baud, text] of lines) {
      clock.after(atMs, () => link.print(link.baud === baud ? text : text.replace(/[^\n]/g, '\x9c')));
    }
  };
  const sighting: BootSighting = { bootMode: null, bootVersion: null };
  const reset = { kind: 'lines', rst, gpio0 } as const;
  const parts = { link, clock, reset, chip: esp8266, textBaud: esp8266.romTextBaud };
  const work = inVirtualTime(clock, checkBoot(parts, what, sighting, new AbortController().signal));
  return { clock, link, rst, gpio0, sighting, work };
}

test('the text of the ROM is enough when only the header is checked', async () => {
  const { work, sighting, clock, link } = start([rom], 'header');
  await work;
  expect(sighting).toEqual({ bootMode: '3,7', bootVersion: null });
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
  expect(sighting).toEqual({ bootMode: '3,7', bootVersion: '2.3.1' });
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
  { name: 'flash mode again', lines: [[6, 74_880, header.replace('(3,', '(1,')]], code: 'B02', withinMs: 200 },
  { name: 'a wrong checksum', lines: [[6, 74_880, `${header}${load}csum err\n`]], code: 'B04', withinMs: 500 },
  {
    name: 'checksums that differ',
    lines: [[6, 74_880, header + load.replace('csum 0x63', 'csum 0x64')]],
    code: 'B04',
    withinMs: 500,
  },
  { name: 'no image', lines: [[6, 74_880, `${header}flash read err, 1000\n`]], code: 'B04', withinMs: 500 },
  { name: 'another boot mode', lines: [[6, 74_880, header.replace('(3,', '(5,')]], code: 'B04', withinMs: 500 },
  { name: 'bytes that are no text', lines: [[6, 9_600, header]], code: 'B04', withinMs: 2_500 },
  { name: 'no banner', lines: [rom], what: check, code: 'B07', withinMs: 5_300 },
  {
    name: 'another version',
    lines: [rom, [60, 115_200, 'NodeMCU 2.3.0 \n']],
    what: { ...check, version: '2.3.1' },
    code: 'B05',
    withinMs: 400,
  },
  {
    name: 'a forbidden text before the banner',
    lines: [rom, [60, 115_200, 'rf_cal[0] !=0x05\n'], [90, 115_200, 'NodeMCU 2.3.1 \n']],
    what: { ...check, forbid: /rf_cal\[0\]/ },
    code: 'B05',
    withinMs: 400,
  },
])('$name is $code in time', async ({ lines, what = 'header', code, withinMs }) => {
  const { work, clock, rst } = start(lines, what);
  await expect(work).rejects.toMatchObject({ code });
  expect(clock.monotonic()).toBeLessThan(withinMs);
  expect(rst.active).toBe(false);
  await clock.elapse(1_000);
  expect(clock.pending).toBe(0);
});

test('what was seen of the boot mode is kept when the check fails', async () => {
  const { work, sighting } = start([[6, 74_880, header.replace('(3,', '(1,')]], 'header');
  await expect(work).rejects.toMatchObject({ code: 'B02' });
  expect(sighting.bootMode).toBe('1,7');
});
