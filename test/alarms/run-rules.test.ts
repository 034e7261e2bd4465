import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockedStarts } from '../../src/alarms/blocked-starts.ts';
import { LinkTime } from '../../src/alarms/link-time.ts';
import { NestYield } from '../../src/alarms/nest-yield.ts';
import { NoFailures } from '../../src/alarms/no-failures.ts';
import { SameCode } from '../../src/alarms/same-code.ts';
import { SlidingWindow } from '../../src/alarms/sliding-window.ts';
import type { RunTrace } from '../../src/ledger/runs/recent-runs.ts';
import { always, fail, found, never, pass, runsOf } from './run-traces.ts';

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

test('a sliding window is the end of the list', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(fc.nat(100_000)), (size, values) => {
      const window = new SlidingWindow(size);
      for (const [index, value] of values.entries()) {
        window.push(value);
        const end = values.slice(0, index + 1).slice(-size);
        expect(window.values).toEqual(end);
        expect(window.length).toBe(end.length);
        expect(window.sum).toBe(end.reduce((sum, each) => sum + each, 0));
      }
    }),
  );
});

describe('same-code', () => {
  test.for([
    { name: 'four of the same', runs: 'V01 V01 V01 V01', finds: false },
    { name: 'five of the same', runs: 'V01@1 V01@2 . V01@3 . V01@1 V01@2', finds: true },
    { name: 'five of one class', runs: 'V01 V02 V03 V04 V01', finds: false },
    { name: 'aborted runs, which say nothing', runs: 'A A A A A', finds: false },
    { name: 'errors of the station', runs: 'S99 S99 S99 S99 S99', finds: true },
    { name: 'five of the last 20', runs: `V01${' .'.repeat(15)} V01 V01 V01 V01`, finds: true },
    { name: 'five of the last 21', runs: `V01${' .'.repeat(16)} V01 V01 V01 V01`, finds: false },
  ])('$name: $finds', ({ runs, finds }) => {
    expect(found(new SameCode(5), runsOf(runs))).toEqual(finds ? ['same-code'] : []);
  });

  test('names the code, and lasts until less than four are left', () => {
    const rule = new SameCode(5);
    found(rule, runsOf('V01 V01 C01 V01 V01 V01'));
    expect(rule.verdicts(never)).toEqual([
      ['same-code', { nest: null, code: 'V01', detail: '5 of the last 6 runs of all nests ended with V01.' }],
    ]);
    expect(found(rule, runsOf('. '.repeat(15).trim()), always)).toEqual(['same-code']);
    expect(found(rule, [], never)).toEqual([]);
    expect(found(rule, runsOf('.'), always)).toEqual([]);
  });

  test('does not go over to a code that is too rare for an alarm of its own', () => {
    const rule = new SameCode(5);
    expect(found(rule, runsOf('V01 V01 V01 V01 V01 C01 C01 C01 C01'))).toEqual(['same-code']);
    // Two of the five have left the last 20.
    expect(found(rule, runsOf('. '.repeat(13).trim()), always)).toEqual([]);
  });
});

test('same-code does not swing between two codes that are as frequent', () => {
  const rule = new SameCode(5);
  const codes = new Set<unknown>();
  for (const run of runsOf('V01 . C06 . '.repeat(20).trim())) {
    rule.take(run);
    for (const [, finding] of rule.verdicts(codes.size > 0 ? always : never)) {
      if (finding !== null) codes.add(finding.code);
    }
  }
  expect([...codes]).toEqual(['V01']);
});

describe('nest-yield', () => {
  /** @param share of passes */
  const runs = (nest: number, count: number, fails: number): RunTrace[] =>
    times(count, (index) => (index < fails ? fail('V01', { nest }) : pass({ nest })));

  test.for([
    { name: 'four points below the best', one: [100, 0], two: [100, 4], finds: ['nest-yield-2'] },
    { name: 'three points below', one: [100, 0], two: [100, 3], finds: [] },
    { name: 'below, but with 49 runs', one: [100, 0], two: [49, 10], finds: [] },
    { name: 'below one with 49 runs', one: [49, 0], two: [100, 10], finds: [] },
    { name: 'the only nest', one: [0, 0], two: [100, 50], finds: [] },
    { name: 'failures of more than 200 runs ago', one: [100, 0], two: [220, 20], finds: [] },
    { name: 'failures of 200 runs ago', one: [100, 0], two: [200, 20], finds: ['nest-yield-2'] },
  ])('$name', ({ one, two, finds }) => {
    const all = [...runs(1, one[0] ?? 0, one[1] ?? 0), ...runs(2, two[0] ?? 0, two[1] ?? 0)];
    expect(found(new NestYield(3, [1, 2]), all)).toEqual(finds);
  });

  test('errors and aborted runs are no yield; it ends within 2.4 points', () => {
    const rule = new NestYield(3, [1, 2]);
    const none = times(100, () => fail('S99', { nest: 2, outcome: 'ERROR' }));
    expect(found(rule, [...runs(1, 100, 0), ...runs(2, 100, 3), ...none])).toEqual([]);
    expect(found(rule, [], always)).toEqual(['nest-yield-2']);
    expect(found(rule, runs(2, 25, 0), always)).toEqual([]);
  });
});

describe('no-failures', () => {
  const limit = 100;

  test('more than the limit; a limit run that fails ends it, a golden run that passes is no run', () => {
    const rule = new NoFailures(limit);
    expect(
      found(
        rule,
        times(limit, () => pass()),
      ),
    ).toEqual([]);
    expect(found(rule, [pass({ mode: 'golden' })])).toEqual([]);
    expect(found(rule, runsOf('A S99'))).toEqual([]);
    expect(found(rule, [pass()])).toEqual(['no-failures']);
    expect(found(rule, [fail('V01', { mode: 'limit' })])).toEqual([]);
  });

  test('goes on from what the ledger has', () => {
    const rule = new NoFailures(limit);
    rule.start(limit);
    expect(found(rule, [])).toEqual([]);
    expect(found(rule, [pass()])).toEqual(['no-failures']);
  });
});

describe('connect-time and write-time', () => {
  /** Around 200 ms, ± 10. */
  const usual = times(200, (index) => pass({ ms_connect: 190 + (index % 21) }));
  const last = (ms: number, changes: Partial<RunTrace> = {}): RunTrace[] =>
    times(20, () => pass({ ms_connect: ms, ...changes }));

  test.for([
    { name: 'as before', runs: [...usual, ...last(205)], finds: [] },
    { name: 'slower', runs: [...usual, ...last(230)], finds: ['connect-time-1'] },
    { name: 'faster', runs: [...usual, ...last(170)], finds: ['connect-time-1'] },
    { name: 'slower, but only in half of them', runs: [...usual, ...last(230).slice(10)], finds: [] },
    { name: 'slower with another job', runs: [...usual, ...last(230, { job_hash: 'sha256:bb' })], finds: [] },
    { name: 'slower with repeats', runs: [...usual, ...last(230, { retries: 1 })], finds: [] },
    { name: 'slower in runs that failed', runs: [...usual, ...last(230, { outcome: 'FAIL' })], finds: [] },
    { name: 'slower on another nest', runs: [...usual, ...last(230, { nest: 2 })], finds: [] },
    { name: 'too little to compare with', runs: [...usual.slice(-49), ...last(230)], finds: [] },
    { name: 'a constant series', runs: [...times(200, () => pass()), ...last(210)], finds: [] },
    {
      name: 'a constant series that moves',
      runs: [...times(200, () => pass()), ...last(216)],
      finds: ['connect-time-1'],
    },
  ])('$name', ({ runs, finds }) => {
    expect(found(new LinkTime('connect-time', 3, [1, 2]), runs)).toEqual(finds);
  });

  test('writing is only measured where nothing was skipped', () => {
    const before = times(200, () => pass());
    const slow = times(20, () => pass({ ms_write: 17_000 }));
    expect(found(new LinkTime('write-time', 3, [1]), [...before, ...slow])).toEqual(['write-time-1']);
    const skipped = slow.map((run) => ({ ...run, bytes_skipped: 4_096 }));
    expect(found(new LinkTime('write-time', 3, [1]), [...before, ...skipped])).toEqual([]);
  });

  test('ends by itself when the new time has become the usual one', () => {
    const rule = new LinkTime('connect-time', 3, [1]);
    found(rule, [...usual, ...last(240)]);
    expect(found(rule, times(60, () => last(240)).flat(), always)).toEqual([]);
  });
});

describe('blocked-starts', () => {
  const after = (runs: number, refusedEach: number): BlockedStarts => {
    const rule = new BlockedStarts(10);
    for (let run = 0; run < runs; run += 1) {
      if (run % refusedEach === 0) rule.refused();
      rule.take();
    }
    return rule;
  };

  test.for([
    { name: 'ten of 100', runs: 100, each: 10, finds: false },
    { name: 'twelve of 100', runs: 100, each: 9, finds: true },
    { name: 'each of 19', runs: 19, each: 1, finds: false },
    { name: 'each of 20', runs: 20, each: 1, finds: true },
  ])('$name', ({ runs, each, finds }) => {
    expect(found(after(runs, each), [])).toEqual(finds ? ['blocked-starts'] : []);
  });

  test('those since the last run count too, and old ones are forgotten', () => {
    const rule = after(100, 10);
    rule.refused();
    expect(rule.verdicts(never)).toEqual([
      ['blocked-starts', { nest: null, code: null, detail: '11 starts were refused over the last 100 runs.' }],
    ]);
    for (let run = 0; run < 101; run += 1) rule.take();
    expect(found(rule, [])).toEqual([]);
  });
});
