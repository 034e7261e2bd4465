import { describe, expect, test } from 'vitest';
import { falseFails, lotYield, scopeOf } from '../../src/alarms/lot-rules.ts';
import { marginalRate } from '../../src/alarms/marginal-rate.ts';
import { noRuns, noUnits, yieldFigures } from '../../src/ledger/yield/yield-figures.ts';
import type { UnitCounts, YieldFigures } from '../../src/ledger/yield/yield-figures.ts';
import { always, never } from './run-traces.ts';

const figures = (units: Partial<UnitCounts>): YieldFigures => yieldFigures({ ...noUnits, ...units }, noRuns);

test('what is counted is the lot, else the last 24 hours', () => {
  expect(scopeOf('L-1', 1e12)).toEqual({ lot: 'L-1' });
  expect(scopeOf(null, 1e12)).toEqual({ fromMs: 1e12 - 86_400_000, toMs: 1e12 + 60_000 });
});

describe('false-fails', () => {
  test.for([
    { name: 'half of 20', failed: 20, good: 10, finds: false },
    { name: 'more than half of 20', failed: 20, good: 11, finds: true },
    { name: 'all of 19', failed: 19, good: 19, finds: false },
    { name: 'none at all', failed: 0, good: 0, finds: false },
  ])('$name', ({ failed, good, finds }) => {
    const units = figures({ units: 500, firstPassed: 500 - failed, foundGood: good });
    expect(falseFails(50, units, 'L-1', never)[1] !== null).toBe(finds);
  });

  test('ends at 40 percent', () => {
    const units = (foundGood: number): YieldFigures => figures({ units: 500, firstPassed: 475, foundGood });
    expect(falseFails(50, units(11), null, always)[1]?.detail).toBe(
      '11 of 25 modules that failed first in the last 24 h passed later: look at the contacts.',
    );
    expect(falseFails(50, units(10), null, always)[1]).toBe(null);
  });
});

describe('lot-yield', () => {
  test.for([
    { name: 'nothing yet', units: 0, passed: 0, finds: false },
    { name: 'a small lot without a failure', units: 20, passed: 20, finds: false },
    { name: 'a small lot with one failure, which may be chance', units: 50, passed: 49, finds: false },
    { name: 'a small lot that is below for certain', units: 20, passed: 17, finds: true },
    { name: 'one too small to be above for certain', units: 188, passed: 187, finds: false },
    { name: 'one that would be above without its failure', units: 189, passed: 188, finds: true },
    { name: 'the same without it', units: 189, passed: 189, finds: false },
    { name: 'a large lot that is not above for certain', units: 1_000, passed: 985, finds: true },
    { name: 'a large lot well above', units: 2_000, passed: 1_980, finds: false },
  ])('$name', ({ units, passed, finds }) => {
    const [slug, finding] = lotYield(98, figures({ units, firstPassed: passed }), 'L-1', never);
    expect([slug, finding !== null]).toEqual(['lot-yield', finds]);
  });

  test('says the figures', () => {
    expect(lotYield(98, figures({ units: 20, firstPassed: 17 }), 'L-1', never)[1]?.detail).toBe(
      '17 of 20 modules of lot L-1 passed first, 64.0 % to 94.8 % with 95 % certainty; the target is 98 %.',
    );
  });
});

test('lot-yield does not begin anew with each failure of a lot that is close to its target', () => {
  let firstPassed = 0;
  let lasts = false;
  let begun = 0;
  for (let units = 1; units <= 2_000; units += 1) {
    if (units % 83 !== 0) firstPassed += 1;
    const found = lotYield(98, figures({ units, firstPassed }), 'L-1', () => lasts)[1] !== null;
    if (found && !lasts) begun += 1;
    lasts = found;
  }
  expect(begun).toBe(1);
});

test('a figure that rests on few does not swing with the last of them', () => {
  const units = (failed: number): YieldFigures => figures({ units: 500, firstPassed: 500 - failed, foundGood: failed });
  expect(falseFails(50, units(19), null, always)[1]).not.toBe(null);
  expect(falseFails(50, units(15), null, always)[1]).toBe(null);
  const passes = (marginal: number) => ({ recent: { marginal, passed: 100 }, before: { marginal: 0, passed: 1_000 } });
  expect(marginalRate(2, passes(4), always)[1]).not.toBe(null);
  expect(marginalRate(2, passes(3), always)[1]).toBe(null);
});

describe('marginal-rate', () => {
  const trend = (now: readonly [number, number], usual: readonly [number, number]) => ({
    recent: { marginal: now[0], passed: now[1] },
    before: { marginal: usual[0], passed: usual[1] },
  });
  test.for([
    { name: 'as before', now: [2, 100], usual: [20, 1_000], finds: false },
    { name: 'doubled, but that is chance', now: [4, 100], usual: [20, 1_000], finds: false },
    { name: 'many times as often', now: [9, 100], usual: [20, 1_000], finds: true },
    { name: 'from nothing to five', now: [5, 100], usual: [0, 1_000], finds: true },
    { name: 'more, but not doubled', now: [19, 100], usual: [100, 1_000], finds: false },
    { name: 'doubled at a high rate', now: [20, 100], usual: [100, 1_000], finds: true },
    { name: 'fewer than 100 passes', now: [50, 99], usual: [20, 1_000], finds: false },
    { name: 'too little to compare with', now: [50, 100], usual: [1, 199], finds: false },
  ] as const)('$name', ({ now, usual, finds }) => {
    expect(marginalRate(2, trend(now, usual), never)[1] !== null).toBe(finds);
  });

  test('ends below 1.6 times', () => {
    expect(marginalRate(2, trend([17, 100], [100, 1_000]), always)[1]).not.toBe(null);
    expect(marginalRate(2, trend([15, 100], [100, 1_000]), always)[1]).toBe(null);
  });
});
