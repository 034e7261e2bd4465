import { expect, test } from 'vitest';
import { openForReading } from '../../src/ledger/file/database.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { job } from '../support/nest-bench.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { press, runToEnd, untilIdle } from '../support/station-steps.ts';
import { VirtualStation } from '../support/virtual-station.ts';

const hourMs = 3_600_000;
const trueMs = Date.UTC(2026, 2, 14, 8);
const threeYearsMs = 3 * 365 * 24 * hourMs;

interface Jump {
  readonly what: string;
  /** What the wall clock says at the start. */
  readonly startMs: number;
  /** By how much it jumps in the middle of the second run. */
  readonly byMs: number;
}

const jumps: readonly Jump[] = [
  { what: 'clock at epoch', startMs: 0, byMs: 0 },
  { what: 'jumping +3 years', startMs: trueMs, byMs: threeYearsMs },
  { what: 'jumping back an hour', startMs: trueMs, byMs: -hourMs },
];

test.for(jumps)('$what: durations and order are right, and nothing else changes', async ({ startMs, byMs }) => {
  const clock = new VirtualClock(startMs);
  await using virtual = await VirtualStation.open(1, job, { clock, drivers: { isClockSynced: () => false } });
  const totals: number[] = [];
  for (const jump of [0, byMs, 0]) {
    virtual.insert(1);
    const pressedMs = clock.monotonic();
    await press(virtual, 1);
    clock.set(clock.now() + jump);
    await untilIdle(virtual);
    totals.push(clock.monotonic() - pressedMs);
  }
  const results = virtual.results();
  expect(results.map(({ outcome, seq, clock_synced }) => [outcome, seq, clock_synced])).toEqual([
    ['PASS', 1, 0],
    ['PASS', 2, 0],
    ['PASS', 3, 0],
  ]);
  const first = results[0]?.ms_total ?? 0;
  for (const [index, { ms_total: ms }] of results.entries()) {
    expect(Math.abs(ms - first)).toBeLessThanOrEqual(1);
    expect(ms).toBeLessThanOrEqual(totals[index] ?? 0);
  }
  // Raw: as the clock said it, also where that is before the start.
  const [, second, third] = results.map(({ started_at: from, finished_at: to }) => [Date.parse(from), Date.parse(to)]);
  const said = (second?.[1] ?? 0) - (second?.[0] ?? 0);
  expect(Math.abs(said - byMs - first)).toBeLessThanOrEqual(200);
  expect(third?.[0]).toBeGreaterThanOrEqual(second?.[1] ?? Infinity);
  const mono = results.map(({ mono_ms: ms }) => ms ?? NaN);
  expect(mono).toEqual(mono.toSorted((a, b) => a - b));
});

test('leap to synced in the middle of a run: raw times stay, corrected ones follow from the first run that knows', async () => {
  using folder = temporaryFolder();
  const clock = new VirtualClock(0);
  let synced = false;
  const virtual = await VirtualStation.open(1, job, {
    clock,
    folder: folder.path,
    drivers: { isClockSynced: () => synced },
  });
  /** What the true time is, whatever the clock says. */
  const trueNow = (): number => trueMs + clock.monotonic();
  const endedMs: number[] = [];
  const leaps = [
    () => undefined,
    () => {
      clock.set(trueNow());
      synced = true;
    },
    () => undefined,
  ];
  for (const leap of leaps) {
    virtual.insert(1);
    await press(virtual, 1);
    leap();
    await untilIdle(virtual);
    const told = virtual.told.findLast(({ event }) => event.kind === 'runResult');
    endedMs.push(trueMs + (told?.atMs ?? 0));
  }
  const results = virtual.results();
  expect(results.map(({ outcome, clock_synced }) => [outcome, clock_synced])).toEqual([
    ['PASS', 0],
    ['PASS', 0],
    ['PASS', 1],
  ]);
  await virtual[Symbol.asyncDispose]();
  const database = await openForReading(folder.file('ledger.sqlite'));
  const rows = database
    .prepare<[], { at_ms: number; started_at: string; ts_ms: number }>(
      'SELECT at_ms, started_at, ts_ms FROM runs ORDER BY position',
    )
    .all();
  database.close();
  // What was told is what is kept: nothing was rewritten.
  expect(rows.map(({ started_at, ts_ms }) => [started_at, ts_ms])).toEqual(
    results.map(({ started_at, ts_ms }) => [started_at, ts_ms]),
  );
  expect(Date.parse(rows[0]?.started_at ?? '')).toBeLessThan(hourMs);
  for (const [index, { at_ms: atMs }] of rows.entries()) {
    expect(Math.abs(atMs - (endedMs[index] ?? 0))).toBeLessThanOrEqual(1_500);
  }
});

test.for([threeYearsMs, -hourMs])(
  'a jump of %i ms makes no second module of one that is pressed again',
  async (byMs) => {
    const clock = new VirtualClock(trueMs);
    await using virtual = await VirtualStation.open(1, job, { clock });
    // Silent, then re-seated: the unidentified run belongs to the module that answers next, within a minute.
    virtual.nest(1).remove();
    await runToEnd(virtual, 1);
    clock.set(clock.now() + byMs);
    virtual.insert(1, { mac: '5c:cf:7f:00:02:01' });
    await runToEnd(virtual, 1);
    const [silent, passed] = virtual.results();
    expect(silent).toMatchObject({ outcome: 'FAIL', code: 'C01' });
    expect(passed).toMatchObject({ outcome: 'PASS', attempt: 2, adopts: silent?.unit });
  },
);

test('a jump while a button bounces or is held makes neither a press nor a stuck button, and an alarm keeps its beginning', async () => {
  const clock = new VirtualClock(trueMs);
  await using virtual = await VirtualStation.open(1, job, { clock });
  virtual.button(1).pull('low');
  clock.set(clock.now() + threeYearsMs);
  await virtual.elapse(5);
  virtual.button(1).pull(null);
  await virtual.elapse(100);
  expect(virtual.told).toEqual([]);
  const alarms = (): (readonly [boolean, number])[] =>
    virtual.told.flatMap(({ event }) =>
      event.kind === 'alarm' ? [[event.alarm.active, event.alarm.since] as const] : [],
    );
  virtual.button(1).pull('low');
  await virtual.elapse(2_000);
  clock.set(clock.now() + threeYearsMs);
  await virtual.elapse(2_000);
  expect(alarms()).toEqual([]);
  await virtual.elapse(2_000);
  const [began] = alarms();
  expect(began).toEqual([true, expect.closeTo(clock.now() - 950, -3)]);
  clock.set(clock.now() - 2 * threeYearsMs);
  virtual.button(1).pull(null);
  await virtual.elapse(100);
  expect(alarms()).toEqual([began, [false, began?.[1]]]);
});
