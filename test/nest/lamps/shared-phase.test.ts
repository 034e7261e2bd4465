import { beforeEach, describe, expect, test } from 'vitest';
import { lampPatterns, pressIgnored, running } from '../../../src/nest/lamps/lamp-patterns.ts';
import { sharedPhase } from '../../../src/nest/lamps/shared-phase.ts';
import { SimulatedLines } from '../../../src/simulator/bench/simulated-lines.ts';
import { LampNest } from '../../support/lamp-nest.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let clock: VirtualClock;
let here: LampNest;
let there: LampNest;

beforeEach(async () => {
  clock = new VirtualClock();
  const wires = new SimulatedLines();
  here = await LampNest.open(wires, clock, 1);
  there = await LampNest.open(wires, clock, 2);
});

test.for([
  { nowMs: 0, phase: { index: 0, leftMs: 500 } },
  { nowMs: 499.5, phase: { index: 0, leftMs: 0.5 } },
  { nowMs: 500, phase: { index: 1, leftMs: 500 } },
  { nowMs: 86_400_999, phase: { index: 1, leftMs: 1 } },
])('$nowMs ms into the clock, running is where everybody shows it', ({ nowMs, phase }) => {
  expect(sharedPhase(running, nowMs)).toEqual(phase);
});

test('a pattern that does not repeat has no phase', () => {
  expect(sharedPhase(pressIgnored, 0)).toBeNull();
});

describe('nests blink together', () => {
  const repeating = lampPatterns.filter(({ repeat }) => repeat);
  test.for(repeating.map((pattern) => ({ pattern })))(
    '$pattern.name: whenever they came to it, from its second period on',
    ({ pattern }) => {
      const periodMs = pattern.steps.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
      for (let laterMs = 0; laterMs < periodMs; laterMs += 30) {
        const first = here.player();
        const second = there.player();
        first.show(pattern);
        clock.advance(laterMs);
        second.show(pattern);
        expect(there.lit()).toEqual(pattern.steps[0]?.lit);
        clock.advance(periodMs);
        for (let count = 0; count < periodMs / 10; count += 1) {
          expect([laterMs, count, there.lit()]).toEqual([laterMs, count, here.lit()]);
          clock.advance(10);
        }
        first[Symbol.dispose]();
        second[Symbol.dispose]();
        clock.advance(7);
      }
    },
  );

  test.for([
    { afterMs: 0, seen: ['busy 500', 'dark 500', 'busy 500', 'dark 500'] },
    { afterMs: 200, seen: ['busy 500', 'dark 300', 'busy 500', 'dark 500'] },
    // The 50 ms of dark that are left are not begun.
    { afterMs: 450, seen: ['busy 1050', 'dark 500', 'busy 500', 'dark 500'] },
    { afterMs: 700, seen: ['busy 800', 'dark 500', 'busy 500', 'dark 500'] },
  ])('a press $afterMs ms into the shared second is answered at once and in full', ({ afterMs, seen }) => {
    clock.advance(afterMs);
    here.player().show(running);
    const changes: string[] = [];
    let sinceMs = clock.monotonic();
    here.wire('busy').onChange((level) => {
      changes.push(`${level === 'high' ? 'dark' : 'busy'} ${clock.monotonic() - sinceMs}`);
      sinceMs = clock.monotonic();
    });
    expect(here.lit()).toEqual(['busy']);
    clock.advance(4_000);
    expect(changes.slice(0, 4)).toEqual(seen);
  });

  test('after an interruption, too', () => {
    const first = here.player();
    first.show(running);
    there.player().show(running);
    clock.advance(330);
    first.interrupt(pressIgnored);
    clock.advance(500);
    for (let count = 0; count < 200; count += 1) {
      clock.advance(10);
      expect([count, here.lit()]).toEqual([count, there.lit()]);
    }
  });

  test('after the machine was late by more than a step', () => {
    let lateMs = 0;
    const late = Object.assign(Object.create(clock) as VirtualClock, {
      monotonic: () => clock.monotonic() + lateMs,
      after: (ms: number, run: () => void) => clock.after(ms, run),
    });
    here.player(here.lines, late).show(running);
    clock.advance(499);
    lateMs = 1_300;
    // 500 ms of the clock, 1800 ms in truth: dark, for 200 ms more.
    expect(here.film(1, 199, 1)).toEqual(['busy', '', '', 'busy']);
  });
});
