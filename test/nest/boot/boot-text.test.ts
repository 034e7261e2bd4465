import { describe, expect, test } from 'vitest';
import type { BootCheck } from '../../../src/firmware/job.ts';
import { check, header, load, rom, start } from '../../support/started-module.ts';
import type { Line } from '../../support/started-module.ts';

/** The same text in pieces of so many characters, so many ms apart. */
function pieces(text: string, length: number, gapMs: number, baud = 115_200, atMs = 60): readonly Line[] {
  const parts = text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? [];
  return parts.map((part, index): Line => [atMs + gapMs * index, baud, part]);
}

async function verdict(lines: readonly Line[], what: Partial<BootCheck>): Promise<string> {
  const { work, sighting } = start([rom, ...lines], { ...check, ...what });
  return work.then(
    () => `PASS ${sighting.bootVersion ?? ''}`,
    (error: unknown) => (error as { readonly code: string }).code,
  );
}

describe('where the pieces of a text end is chance and changes no verdict', () => {
  test.for<{ says: string; expect: RegExp; version: string; answer: string }>([
    { says: 'fw v2.3.1\r\n', expect: /v(\d+\.\d+(?:\.\d+)?)/, version: '2.3', answer: 'B05' },
    { says: 'fw v2.3.1\r\n', expect: /v(\d+\.\d+(?:\.\d+)?)/, version: '2.3.1', answer: 'PASS 2.3.1' },
    { says: 'NodeMCU 2.3.1\r\n', expect: /NodeMCU(?: (\S+))?/, version: '2.3.1', answer: 'PASS 2.3.1' },
    { says: 'NodeMCU 2.3.1-dev\r\n', expect: /NodeMCU (\d+\.\d+\.\d+)(?!-dev)/m, version: '2.3.1', answer: 'B07' },
    { says: '\r\nNodeMCU 2.3.1\r\n', expect: /^NodeMCU (\S+)$/m, version: '2.3.1', answer: 'PASS 2.3.1' },
    { says: 'NodeMCU 2.3.1', expect: /NodeMCU (\S+)/, version: '2.3.1', answer: 'PASS 2.3.1' },
    { says: 'one\r\ntwo\r\n', expect: /one\r\n(t\w+)/, version: 'two', answer: 'PASS two' },
  ])('$says as $expect, ordered $version, is $answer', async ({ says, expect: pattern, version, answer }) => {
    const what = { expect: pattern, version };
    const heard = [
      await verdict(pieces(says, 1_000, 1), what),
      ...(await Promise.all([1, 2, 3, 5, 9].map((length) => verdict(pieces(says, length, 15), what)))),
    ];
    expect(new Set(heard)).toEqual(new Set([answer]));
  });

  test('the rest of a line that was read late, behind a stall of the host, belongs to it', async () => {
    const lines = pieces('NodeMCU 2.3.1\r\n', 11, 110);
    expect(await verdict(lines, { version: '2.3.1' })).toBe('PASS 2.3.1');
  });

  test.for([300, 1_200, 9_600, 115_200])('at %d baud a version is read to its end', async (baud) => {
    const lines = pieces('NodeMCU 3.0.0-release_20210201\r\n', 1, 10_000 / baud, baud);
    expect(await verdict(lines, { baud, version: '3.0.0-release_20210201' })).toBe('PASS 3.0.0-release_20210201');
    expect(await verdict(lines, { baud, version: '3.0.0' })).toBe('B05');
  });
});

test.for<{ name: string; lines: readonly Line[]; what: Partial<BootCheck>; answer: string }>([
  {
    name: 'a fault in the line behind the banner, in another piece',
    lines: pieces('NodeMCU 2.3.1\r\nselftest: FAIL 3\r\n', 15, 40),
    what: { fail: /FAIL \d/ },
    answer: 'B08',
  },
  {
    name: 'what is forbidden, while the module goes on talking',
    lines: [
      ...pieces('NodeMCU 2.3.1\r\n', 20, 1),
      ...pieces('wait\r\n'.repeat(4) + 'no memory\r\n', 6, 150, 115_200, 70),
    ],
    what: { forbid: /no memory/ },
    answer: 'B05',
  },
  {
    name: 'a fault in words beyond ASCII',
    lines: pieces(Buffer.from('Lỗi 7\r\nNodeMCU 2.3.1\r\n').toString('latin1'), 3, 5),
    what: { fail: /Lỗi \d/ },
    answer: 'B08',
  },
  {
    name: 'a banner in words beyond ASCII, behind a line that is no UTF-8',
    lines: [[60, 115_200, `\xff\xfe\r\n${Buffer.from('nhiệt độ 25°C\r\n').toString('latin1')}`]],
    what: { expect: /(\d+)°C/, version: '25' },
    answer: 'PASS 25',
  },
  {
    name: 'at the rate of the ROM its own text, which',
    lines: [],
    what: { baud: 74_880, expect: /(\d+)/, withinMs: 1_000 },
    answer: 'B07',
  },
  {
    name: 'a pattern that never ends on what came',
    lines: [[60, 115_200, `${'word '.repeat(20)}?\r\n`]],
    what: { expect: /^(\w+\s?)+!$/m },
    answer: 'B07',
  },
])('$name is $answer', async ({ lines, what, answer }) => {
  expect(await verdict(lines, what)).toBe(answer);
});

test.for<{ name: string; line: string; code: string }>([
  { name: 'the watchdog', line: header.replace('cause:2', 'cause:4') + load, code: 'B03' },
  { name: 'the firmware itself', line: header.replace('cause:2', 'cause:3') + load, code: 'B03' },
  { name: 'missing radio data', line: `${header}${load}rf_cal[0] !=0x05,is 0xFF\n`, code: 'B06' },
])('a module that $name restarts for ever is $code where only bad text is named', async ({ line, code }) => {
  const lines = Array.from({ length: 40 }, (_, turn): Line => [500 + 1_000 * turn, 74_880, line]);
  expect(await verdict(lines, { expect: null, forbid: /panic/, withinMs: null })).toBe(code);
  expect(await verdict(lines, { expect: null, fail: /panic/, withinMs: 3_000 })).toBe(code);
});

test.for<Partial<BootCheck>>([
  {},
  { expect: null, forbid: /panic/ },
  { expect: /no/, fail: /panic/ },
  { expect: null, dialogue: [{ send: 'a\r\n', expect: /OK/, fail: /panic/, withinMs: 1_000 }] },
])('every run ends: a module that talks for ever and never ends its line, with %o', async (what) => {
  const { work, clock, link } = start([rom], { ...check, withinMs: 2_000, ...what });
  const talk = (): void => {
    link.print('no end ');
    clock.after(5, talk);
  };
  clock.after(200, talk);
  await work.catch(() => undefined);
  expect(clock.monotonic()).toBeLessThan(14_000);
});

test('a good module that says nothing bad and then nothing at all takes no longer than it is watched', async () => {
  const { work, clock } = start([rom, [60, 115_200, 'hello\r\n']], {
    ...check,
    expect: null,
    forbid: /panic/,
    withinMs: null,
  });
  await work;
  expect(clock.monotonic()).toBeLessThan(10_200);
});

/** A module whose first text is another one than its second. */
function twice(first: string, second: string): ReturnType<typeof start> {
  const module = start([], 'header');
  const texts = [first, second];
  module.rst.onChange = (active) => {
    if (!active) module.link.print(texts.shift() ?? second, 6);
  };
  return module;
}

test.for([
  { name: 'a byte of the header', text: header.replace('boot mode', 'boot m\x9cde') + load },
  { name: 'a digit of the boot mode', text: header.replace('(3,', '(1,') + load },
  { name: 'a digit of the last checksum', text: header + load.replace('csum 0x63\n', 'csum 0x6s\n') },
  { name: 'a digit of a length', text: header + load.replace('len 1856', 'len -1856') },
])('$name that was damaged on its way is read once more, and the pass is marginal', async ({ text }) => {
  const { work, sighting } = twice(text, header + load);
  await work;
  expect(sighting).toMatchObject({ bootMode: '3,7', retries: 1 });
});

test('what the ROM says twice counts', async () => {
  const { work, sighting } = twice(header.replace('(3,', '(1,'), header.replace('(3,', '(5,'));
  await expect(work).rejects.toMatchObject({ code: 'C05' });
  expect(sighting.retries).toBe(1);
});

test('a text of the ROM that is only a header passes when the application speaks, at whatever rate', async () => {
  const { work } = start(
    [
      [6, 74_880, header],
      [500, 115_200, 'hello\r\n'],
    ],
    'header',
  );
  await work;
});

test('an application that has to show itself may take its time behind a header', async () => {
  const { work, clock } = start(
    [
      [6, 74_880, header],
      [2_500, 115_200, 'NodeMCU 2.3.1\r\n'],
    ],
    check,
  );
  await work;
  expect(clock.monotonic()).toBeLessThan(2_900);
});
