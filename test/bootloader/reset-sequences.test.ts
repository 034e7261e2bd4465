import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { enterFlashMode, restartIntoApplication } from '../../src/bootloader/reset-sequences.ts';
import { attempts, modem, modemBench } from '../support/modem-bench.ts';
import type { Call } from '../support/modem-bench.ts';
import { inVirtualTime, RecordedLine } from '../support/scripted-link.ts';

const never = new AbortController().signal;

test.for<{ name: string; attempt: number; holdMs: number; calls: readonly Call[] }>([
  {
    name: 'tight with a short hold',
    attempt: 0,
    holdMs: 100,
    calls: [[0, 0, 0], [0, 1, 1], [0, 0, 1], [100, 1, 0], [200, 0, 0], [200, 0, 0]], // prettier-ignore
  },
  {
    name: 'tight with a long hold',
    attempt: 1,
    holdMs: 550,
    calls: [[0, 0, 0], [0, 1, 1], [0, 0, 1], [100, 1, 0], [650, 0, 0], [650, 0, 0]], // prettier-ignore
  },
  {
    name: 'classic with a short hold',
    attempt: 2,
    holdMs: 100,
    calls: [[0, 0, 0], [0, 0, 1], [100, 1, 1], [100, 1, 0], [200, 0, 0]], // prettier-ignore
  },
  {
    name: 'classic with a long hold',
    attempt: 3,
    holdMs: 550,
    calls: [[0, 0, 0], [0, 0, 1], [100, 1, 1], [100, 1, 0], [650, 0, 0]], // prettier-ignore
  },
])('attempt $attempt is $name', async ({ attempt, holdMs, calls }) => {
  expect(attempts[attempt]).toEqual({ attempt, holdMs });
  const { link, enter } = modemBench();
  expect(await enter({ attempt, holdMs })).toEqual({ text: '', header: null });
  expect(link.calls).toEqual(calls);
});

test('a fifth attempt begins again with the first way', async () => {
  const [first, fifth] = [modemBench(), modemBench()];
  await first.enter({ attempt: 0, holdMs: 100 });
  await fifth.enter({ attempt: 4, holdMs: 100 });
  expect(fifth.link.calls).toEqual(first.link.calls);
});

test('the final reset asserts RTS for 100 ms with DTR released throughout', async () => {
  const { link, restart } = modemBench();
  await restart();
  expect(link.calls).toEqual([
    [0, 0, 1],
    [100, 0, 0],
  ]);
});

test.for(attempts)(
  'the rate is changed while the module is in reset: attempt $attempt',
  async ({ attempt, holdMs }) => {
    const { link, enter } = modemBench();
    await enter({ attempt, holdMs });
    const at = link.order.indexOf('74880');
    expect(link.order.slice(at - 1, at + 2)).toEqual(['01', '74880', 'discard']);
  },
);

test.for(attempts)('nothing is waited for once the boot text is there: attempt $attempt', async (attempt) => {
  const { clock, link, enter } = modemBench({ circuit: 'transistors', riseMs: 14 });
  const { header } = await enter(attempt);
  expect(header).toMatchObject({ mode: 1 });
  expect(clock.monotonic()).toBeLessThan(135);
  expect(link.calls.at(-1)).toEqual([expect.any(Number), 0, 0]);
});

test.for(attempts)('a port without modem lines ends attempt $attempt at once', async (attempt) => {
  const { clock, link, enter } = modemBench();
  link.refuseFrom = 0;
  await expect(enter(attempt)).rejects.toMatchObject({ code: 'S04', detail: /no DTR and RTS/ });
  expect(clock.monotonic()).toBeLessThan(5);
  expect(link.order).toEqual([]);
});

test('a port that is lost in the reset is told by the first error', async () => {
  const { link, enter } = modemBench();
  link.refuseFrom = 3;
  await expect(enter(attempts[0]!)).rejects.toMatchObject({ code: 'S04' });
});

test.for([
  { name: 'in reset', afterMs: 50 },
  { name: 'while GPIO0 is held', afterMs: 120 },
])('an abort $name releases both lines', async ({ afterMs }) => {
  const { clock, link } = modemBench();
  const abort = new AbortController();
  const reason = new StationError('O01');
  clock.after(afterMs, () => abort.abort(reason));
  const options = { textBaud: 74_880, holdMs: 550, attempt: 1 };
  await expect(inVirtualTime(clock, enterFlashMode(modem, link, clock, options, abort.signal))).rejects.toBe(reason);
  expect(link.calls.slice(-1)).toEqual([[afterMs, 0, 0]]);
  expect(clock.pending).toBe(0);
});

test('an abort of the final reset releases RTS', async () => {
  const { clock, link } = modemBench();
  const abort = new AbortController();
  clock.after(50, () => abort.abort(new StationError('O01')));
  const restarting = restartIntoApplication(modem, link, clock, abort.signal);
  await expect(inVirtualTime(clock, restarting)).rejects.toMatchObject({ code: 'O01' });
  expect(link.calls.at(-1)).toEqual([50, 0, 0]);
});

test('lines of the station are driven as ever, whatever the attempt, and the port is left alone', async () => {
  for (const attempt of attempts) {
    const { clock, link, enter } = modemBench();
    const [rst, gpio0] = [new RecordedLine(clock), new RecordedLine(clock)];
    await enter(attempt, { kind: 'lines', rst, gpio0 });
    const heldUntil = 100 + attempt.holdMs;
    expect(rst.changes).toEqual([{ atMs: 0, active: true }, { atMs: 100, active: false }]); // prettier-ignore
    expect(gpio0.changes).toEqual([{ atMs: 10, active: true }, { atMs: heldUntil, active: false }]); // prettier-ignore
    expect(link.calls).toEqual([]);
  }
});

test('a line that cannot be released does not keep the other one from it', async () => {
  const { clock, link } = modemBench();
  const rst = new RecordedLine(clock);
  const gpio0 = {
    set: () => {
      throw new StationError('S03', 'GPIO0 is stuck.');
    },
    [Symbol.dispose]: () => undefined,
  };
  const options = { textBaud: 74_880, holdMs: 100, attempt: 0 };
  const entering = enterFlashMode({ kind: 'lines', rst, gpio0 }, link, clock, options, never);
  await expect(inVirtualTime(clock, entering)).rejects.toMatchObject({ code: 'S03' });
  expect(rst.active).toBe(false);
});

test.for(attempts)('modem lines that may not be driven stay released in attempt $attempt', async (attempt) => {
  const { link, enter } = modemBench();
  await enter(attempt, { kind: 'modem', mayDrive: () => false });
  expect(link.calls.length).toBeGreaterThan(0);
  expect(link.calls.filter(([, dtr, rts]) => dtr === 1 || rts === 1)).toEqual([]);
});

test('modem lines that may not be driven any more are released at the next step', async () => {
  const { clock, link, enter } = modemBench();
  await enter(attempts[0]!, { kind: 'modem', mayDrive: () => clock.monotonic() < 50 });
  expect(link.calls).toEqual([[0, 0, 0], [0, 1, 1], [0, 0, 1], [100, 0, 0], [200, 0, 0], [200, 0, 0]]); // prettier-ignore
});
