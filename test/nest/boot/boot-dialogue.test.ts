import { expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import type { BootCheck, DialogueStep } from '../../../src/firmware/job.ts';
import { checkBoot } from '../../../src/nest/boot/boot-check.ts';
import { inVirtualTime, RecordedLine, ScriptedLink } from '../../support/scripted-link.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const rom =
  '\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\n\nload 0x40100000, len 8, room 16 \ntail 8\nchksum 0x63\ncsum 0x63\n';
const format: DialogueStep = { send: 'file.format()\r\n', expect: /format done/, fail: null, withinMs: 20_000 };
const selftest: DialogueStep = { send: 'test()\r\n', expect: /selftest/, fail: /selftest FAIL/, withinMs: 1_000 };
const usual: BootCheck = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: null,
  forbid: null,
  fail: null,
  dialogue: [format],
  withinMs: 3_000,
};

/** What the module prints after it has heard a line: how much later, and what. */
type Reply = readonly [afterMs: number, text: string];

class Talker extends ScriptedLink {
  /** The lines that it heard, and when. */
  readonly heard: { readonly atMs: number; readonly line: string }[] = [];
  replies: Readonly<Record<string, readonly Reply[]>> = {};
  /** The port takes nothing. */
  isStuck = false;

  override async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.isStuck) await this.clock.sleep(1e9, signal);
    const line = Buffer.from(bytes).toString();
    this.heard.push({ atMs: this.clock.monotonic(), line });
    for (const [afterMs, text] of this.replies[line.trim()] ?? []) this.print(text, afterMs);
  }
}

interface Play {
  readonly check?: Partial<BootCheck>;
  readonly replies?: Talker['replies'];
  /** After the release of RST. */
  readonly prints?: readonly Reply[];
  readonly signal?: AbortSignal;
  readonly isStuck?: boolean;
}

function play({ check, replies = {}, prints = [[60, 'NodeMCU 2.3.1 \r\n> ']], signal, isStuck = false }: Play) {
  const clock = new VirtualClock();
  const link = new Talker(clock);
  Object.assign(link, { replies, isStuck });
  const rst = new RecordedLine(clock);
  rst.onChange = (active) => {
    if (active) return;
    link.print(rom, 6);
    for (const [atMs, text] of prints) link.print(text, atMs);
  };
  const reset = { kind: 'lines', rst, gpio0: new RecordedLine(clock) } as const;
  const parts = { link, clock, reset, chip: esp8266, textBaud: esp8266.romTextBaud, flashBytes: 4 << 20 };
  const sighting = { bootMode: null, bootVersion: null, retries: 0 };
  const stop = signal ?? new AbortController().signal;
  return {
    link,
    clock,
    sighting,
    work: inVirtualTime(clock, checkBoot(parts, { ...usual, ...check }, sighting, stop)),
  };
}

test('the lines are said one after the other, each after the answer to the one before', async () => {
  const { work, link, sighting } = play({
    check: { dialogue: [format, selftest] },
    replies: { 'file.format()': [[12_000, 'file.format()\r\nformat done\r\n> ']], 'test()': [[5, 'selftest ok\r\n']] },
  });
  await work;
  expect(sighting.bootVersion).toBe('2.3.1');
  expect(link.heard.map(({ line }) => line)).toEqual(['file.format()\r\n', 'test()\r\n']);
  const [first, second] = link.heard.map(({ atMs }) => atMs);
  expect(first).toBeLessThan(300);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(12_000);
  expect((second ?? 0) - (first ?? 0)).toBeLessThan(12_100);
});

test('a dialogue that is answered at once takes no time to speak of', async () => {
  const { work, clock } = play({ replies: { 'file.format()': [[2, 'format done\r\n']] } });
  await work;
  expect(clock.monotonic()).toBeLessThan(220);
});

test('what was said before the line is no answer to it', async () => {
  const { work } = play({
    prints: [
      [60, 'NodeMCU 2.3.1 \r\n'],
      [75, 'format done\r\n'],
    ],
  });
  await expect(work).rejects.toMatchObject({ code: 'B07' });
});

test('a line is said at last to a module that never pauses', async () => {
  const prints = Array.from({ length: 300 }, (_, index): Reply => [60 + 10 * index, 'NodeMCU 2.3.1 \r\n']);
  const { work, link } = play({ prints, replies: { 'file.format()': [[2, 'format done\r\n']] } });
  await work;
  expect(link.heard[0]?.atMs).toBeLessThan(700);
});

test('without an expected text the dialogue begins when the start has become quiet', async () => {
  const { work, link } = play({
    check: { expect: null },
    prints: [
      [60, 'boot\r\n'],
      [400, 'wifi up\r\n'],
    ],
    replies: { 'file.format()': [[2, 'format done\r\n']] },
  });
  await work;
  expect(link.heard[0]?.atMs).toBeGreaterThan(900);
  expect(link.heard[0]?.atMs).toBeLessThan(1_100);
});

test('bytes beyond ASCII are sent as UTF-8', async () => {
  const dialogue = [{ ...format, send: 'gruß\r\n' }];
  const { work, link } = play({ check: { dialogue }, replies: { gruß: [[2, 'format done\r\n']] } });
  await work;
  expect(link.heard[0]?.line).toBe('gruß\r\n');
});

test.for<Play & { name: string; code: string; detail: RegExp; withinMs: number }>([
  {
    name: 'no answer at all',
    code: 'B07',
    detail: /^Step 1 of the dialogue, "file.format\(\)", was not answered as expected within 20000 ms: nothing came\.$/,
    withinMs: 20_300,
  },
  {
    name: 'another answer to the second line',
    check: { dialogue: [format, selftest] },
    replies: { 'file.format()': [[100, 'format done\r\n']], 'test()': [[5, "stdin:1: attempt to call 'test'\r\n> "]] },
    code: 'B07',
    detail:
      /^Step 2 of the dialogue, "test\(\)", .* within 1000 ms: the last that came is "stdin:1: attempt to call 'test' >"\.$/,
    withinMs: 10_500,
  },
  {
    name: 'an answer that comes too late',
    check: { dialogue: [{ ...format, withinMs: 500 }] },
    replies: { 'file.format()': [[600, 'format done\r\n']] },
    code: 'B07',
    detail: /within 500 ms: nothing came/,
    withinMs: 10_500,
  },
  {
    name: 'an answer that reports a fault, in pieces',
    check: { dialogue: [selftest] },
    replies: {
      'test()': [
        [5, 'selftest'],
        [60, ' FAIL: adc\r\n'],
      ],
    },
    code: 'B08',
    detail: /^The firmware reports "selftest FAIL"\.$/,
    withinMs: 400,
  },
  {
    name: 'what the boot check calls a fault, during the dialogue',
    check: { fail: /ADC DEAD/ },
    replies: { 'file.format()': [[3_000, 'ADC DEAD\r\n']] },
    code: 'B08',
    detail: /"ADC DEAD"/,
    withinMs: 3_400,
  },
  {
    name: 'what the boot check forbids, during the dialogue',
    check: { forbid: /out of memory/ },
    replies: { 'file.format()': [[3_000, 'out of memory\r\n']] },
    code: 'B05',
    detail: /"out of memory"/,
    withinMs: 3_400,
  },
  {
    name: 'a firmware that crashes on the line, again and again',
    replies: {
      'file.format()': [
        [100, 'Fatal exception 9(LoadStoreAlignmentCause):\r\n'],
        [600, 'Fatal exception 9(LoadStoreAlignmentCause):\r\n'],
      ],
    },
    code: 'B03',
    detail: /Fatal exception 9/,
    withinMs: 900,
  },
  {
    name: 'a complaint about radio data, during the dialogue',
    replies: { 'file.format()': [[100, 'rf_cal[0] !=0x05,is 0xFF\r\n']] },
    code: 'B06',
    detail: /rf_cal/,
    withinMs: 400,
  },
  { name: 'a port that takes no line', isStuck: true, code: 'S04', detail: /did not send a line/, withinMs: 2_400 },
])('$name is $code', async ({ code, detail, withinMs, ...rest }) => {
  const { work, clock } = play(rest);
  const matching: unknown = expect.stringMatching(detail);
  await expect(work).rejects.toMatchObject({ code, detail: matching });
  expect(clock.monotonic()).toBeLessThan(withinMs);
  await clock.elapse(30_000);
  expect(clock.pending).toBe(0);
});

test.for([{ isStuck: false }, { isStuck: true }])(
  'an abort ends it at once, the port stuck: $isStuck',
  async ({ isStuck }) => {
    const stop = new AbortController();
    const { work, clock } = play({ signal: stop.signal, isStuck });
    clock.after(1_000, () => stop.abort(new Error('enough')));
    await expect(work).rejects.toThrow('enough');
    expect(clock.monotonic()).toBeLessThan(1_010);
    expect(clock.pending).toBe(0);
  },
);
