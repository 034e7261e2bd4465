import { expect, test } from 'vitest';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { connect } from '../../src/bootloader/connect.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { synchronise } from '../../src/bootloader/synchronise.ts';
import { inVirtualTime, RecordedLine, ScriptedLink } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const romMark = 0x20120707;
const bootText = (mode: number): string => `\n ets Jan  8 2013,rst cause:2, boot mode:(${mode},7)\n\n`;

interface ModuleBehaviour {
  /** Boot mode printed after a reset, given whether GPIO0 is low; null prints nothing. */
  readonly mode?: (gpio0Low: boolean, resets: number) => number | null;
  /** SYNC requests ignored after a reset, and the mark in the answers; null answers none. */
  readonly mark?: number | null;
  readonly noise?: boolean;
  readonly answersAt?: number;
  /** Answers nothing before this time. */
  readonly awakeMs?: number;
  /** From a SYNC to its answer. */
  readonly answerMs?: number;
}

function bench({
  mode = (low) => (low ? 1 : 3),
  mark = romMark,
  noise = false,
  answersAt = 115_200,
  ...late
}: ModuleBehaviour) {
  const { awakeMs = 0, answerMs = 1 } = late;
  const clock = new VirtualClock();
  const rst = new RecordedLine(clock);
  const gpio0 = new RecordedLine(clock);
  let resets = 0;
  let syncs = 0;
  const link = new ScriptedLink(clock, ({ opcode }) => {
    if (opcode !== 0x08) return;
    syncs += 1;
    if (noise) link.push(Uint8Array.of(0x48, 0x54, 0x6c), 1);
    if (mark === null || syncs < 2 || link.baud !== answersAt || clock.monotonic() < awakeMs) return;
    for (let copy = 0; copy < 8; copy += 1) link.reply(0x08, { value: mark }, answerMs + copy);
  });
  rst.onChange = (active) => {
    if (active) return;
    resets += 1;
    syncs = 0;
    const printed = mode(gpio0.active, resets);
    if (printed !== null) link.print(bootText(printed), 6);
  };
  const loader = new Loader(link, clock, silentLogger());
  let retries = 0;
  const start = (reset: 'lines' | 'none', syncBaud = 115_200) => {
    const options = {
      chip: esp8266,
      reset: reset === 'none' ? ({ kind: 'none' } as const) : ({ kind: 'lines', rst, gpio0 } as const),
      syncBaud,
      safeBaud: 115_200,
      otherBauds: [115_200, 921_600, 460_800],
      retrying: () => {
        retries += 1;
      },
    };
    return inVirtualTime(clock, connect(loader, options, silentLogger(), new AbortController().signal));
  };
  return { clock, rst, gpio0, link, start, retries: () => retries, resets: () => resets };
}

test('a module in flash mode answers the second synchronisation', async () => {
  const { start, link, clock, gpio0, rst } = bench({});
  expect(await start('lines')).toEqual({ loader: 'rom', baud: 115_200 });
  expect(link.bauds).toEqual([esp8266.romTextBaud, 115_200]);
  expect(link.requests).toHaveLength(2);
  expect(clock.monotonic()).toBeLessThan(300);
  expect([gpio0.active, rst.active]).toEqual([false, false]);
});

test('RST goes low before GPIO0 and GPIO0 is still low when RST is released', async () => {
  const { start, gpio0, rst } = bench({});
  await start('lines');
  const [resetAt, releasedAt] = rst.changes.map(({ atMs }) => atMs);
  const [bootAt, bootReleasedAt] = gpio0.changes.map(({ atMs }) => atMs);
  expect(bootAt! - resetAt!).toBeGreaterThanOrEqual(10);
  expect(releasedAt! - resetAt!).toBeGreaterThanOrEqual(100);
  expect(bootReleasedAt!).toBeGreaterThan(releasedAt!);
});

test.for([
  { name: 'not one byte', behave: { mode: () => null, mark: null }, code: 'C01' },
  { name: 'a start from flash', behave: { mode: () => 3 }, code: 'C02' },
  { name: 'flash mode without an answer', behave: { mark: null }, code: 'C03' },
  { name: 'noise', behave: { mode: () => null, mark: null, noise: true }, code: 'C04' },
  { name: 'another boot mode', behave: { mode: () => 5 }, code: 'C05' },
  { name: 'a RAM loader after a reset', behave: { mode: () => null, mark: 0 }, code: 'S03' },
])('$name is $code within three seconds, with both lines released', async ({ behave, code }) => {
  const { start, clock, gpio0, rst } = bench(behave);
  await expect(start('lines')).rejects.toMatchObject({ code });
  expect(clock.monotonic()).toBeLessThan(2_700);
  expect([gpio0.active, rst.active]).toEqual([false, false]);
  expect(clock.pending).toBe(0);
});

test('a slow reset line is covered by holding GPIO0 longer at the second try', async () => {
  const { start, gpio0, rst, retries, resets } = bench({ mode: (_low, count) => (count === 1 ? 3 : 1) });
  expect(await start('lines')).toMatchObject({ loader: 'rom' });
  expect([retries(), resets()]).toEqual([1, 2]);
  expect(gpio0.changes.length).toBe(4);
  expect(rst.changes.length).toBe(4);
});

test('GPIO0 is held for 550 ms when no boot text comes at the second try', async () => {
  const { start, gpio0, rst } = bench({ mode: () => null, mark: null });
  await expect(start('lines')).rejects.toMatchObject({ code: 'C01' });
  const held = gpio0.changes[3]!.atMs - rst.changes[3]!.atMs;
  expect(held).toBeCloseTo(550);
});

test('a ROM that answers with the mark of a RAM loader is believed when its boot text was seen', async () => {
  const { start } = bench({ mark: 0 });
  expect(await start('lines')).toMatchObject({ loader: 'rom' });
});

test('without reset lines a ROM loader is met as it is', async () => {
  const { start, retries } = bench({});
  expect(await start('none')).toEqual({ loader: 'rom', baud: 115_200 });
  expect(retries()).toBe(0);
});

test('without reset lines a RAM loader of an earlier session is found at its rate', async () => {
  const { start } = bench({ mark: 0, answersAt: 460_800 });
  expect(await start('none')).toEqual({ loader: 'ram', baud: 460_800 });
});

test('without reset lines one answer with the mark of a RAM loader does not make a ROM one', async () => {
  const marks = [0, romMark];
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, ({ opcode }) => link.reply(opcode, { value: marks.shift() ?? romMark }));
  const options = {
    chip: esp8266,
    reset: { kind: 'none' },
    syncBaud: 115_200,
    safeBaud: 115_200,
    otherBauds: [],
  } as const;
  const loader = new Loader(link, clock, silentLogger());
  const { signal } = new AbortController();
  const contact = connect(loader, { ...options, retrying: () => undefined }, silentLogger(), signal);
  expect(await inVirtualTime(clock, contact)).toMatchObject({ loader: 'rom' });
});

test('marks that never repeat end the synchronisation all the same', async () => {
  const clock = new VirtualClock();
  let mark = 1;
  const link = new ScriptedLink(clock, ({ opcode }) => link.reply(opcode, { value: (mark += 1) }));
  const loader = new Loader(link, clock, silentLogger());
  expect(
    await inVirtualTime(
      clock,
      synchronise(loader, { tries: 1, firstMs: 100, answerMs: 100 }, new AbortController().signal),
    ),
  ).toBe(3);
});

test.for([
  { name: 'starts to listen late', behave: { awakeMs: 900 } },
  { name: 'answers late', behave: { answerMs: 180 } },
])('without reset lines a ROM loader that $name is met', async ({ behave }) => {
  const { start } = bench(behave);
  expect(await start('none')).toEqual({ loader: 'rom', baud: 115_200 });
});

test.for([
  { name: 'silence', behave: { mark: null }, code: 'C01' },
  { name: 'noise', behave: { mark: null, noise: true }, code: 'C04' },
])('without reset lines $name is $code within three seconds', async ({ behave, code }) => {
  const { start, clock } = bench(behave);
  await expect(start('none')).rejects.toMatchObject({ code });
  expect(clock.monotonic()).toBeLessThan(2_500);
});

const byHand = 'Without reset lines the module has to be in flash mode before: GPIO0 low, then a pulse on RST.';
const again = ' Reset it again before the next try; --baud 115200 makes a slower first contact.';
test.for([
  { name: 'silence at the safe rate', noise: false, baud: 115_200, hint: byHand },
  { name: 'noise at the safe rate', noise: true, baud: 115_200, hint: byHand },
  { name: 'silence at a fast rate', noise: false, baud: 921_600, hint: byHand },
  { name: 'noise at a fast rate', noise: true, baud: 921_600, hint: byHand + again },
])('without reset lines $name tells what has to be done by hand', async ({ noise, baud, hint }) => {
  const { start } = bench({ mark: null, noise });
  const seen = noise
    ? 'The module sends bytes that are neither boot text nor answers.'
    : 'Not one byte came from the module.';
  await expect(start('none', baud)).rejects.toMatchObject({ detail: `${seen} ${hint}` });
});

test('a fast first rate is used when the ROM follows it', async () => {
  const { start, link, retries, clock } = bench({ answersAt: 921_600 });
  expect(await start('lines', 921_600)).toEqual({ loader: 'rom', baud: 921_600 });
  expect(link.bauds).toEqual([esp8266.romTextBaud, 921_600]);
  expect(retries()).toBe(0);
  expect(clock.monotonic()).toBeLessThan(190);
});

test('a ROM that does not follow a fast first rate is reset and met at the safe one, which is no retry', async () => {
  const { start, link, retries, resets } = bench({});
  expect(await start('lines', 921_600)).toEqual({ loader: 'rom', baud: 115_200, ignoredFirstRate: true });
  expect(link.bauds).toEqual([esp8266.romTextBaud, 921_600, esp8266.romTextBaud, 115_200]);
  expect([retries(), resets()]).toEqual([0, 2]);
});

test.for([
  {
    name: 'a ROM loader at the fast rate',
    answersAt: 921_600,
    mark: romMark,
    contact: { loader: 'rom', baud: 921_600 },
  },
  { name: 'a RAM loader at the safe rate', answersAt: 115_200, mark: 0, contact: { loader: 'ram', baud: 115_200 } },
])('without reset lines $name is met without a retry', async ({ answersAt, mark, contact }) => {
  const { start, retries } = bench({ answersAt, mark });
  expect(await start('none', 921_600)).toEqual(contact);
  expect(retries()).toBe(0);
});

test.for([
  { name: 'not one byte', behave: { mode: () => null, mark: null }, code: 'C01' },
  { name: 'flash mode without an answer', behave: { mark: null }, code: 'C03' },
])('$name is $code within three seconds also from a fast first rate', async ({ behave, code }) => {
  const { start, clock } = bench(behave);
  await expect(start('lines', 921_600)).rejects.toMatchObject({ code });
  expect(clock.monotonic()).toBeLessThan(2_700);
});
