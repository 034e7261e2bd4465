import { beforeEach, describe, expect, test } from 'vitest';
import {
  alreadyDone,
  failed,
  lampNames,
  noVerdict,
  passed,
  pressIgnored,
  readyLamp,
  readyWink,
  rejected,
  running,
} from '../../../src/nest/lamps/lamp-patterns.ts';
import type { LampPattern } from '../../../src/nest/lamps/lamp-patterns.ts';
import { SimulatedLines } from '../../../src/simulator/bench/simulated-lines.ts';
import { LampNest } from '../../support/lamp-nest.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let clock: VirtualClock;
let nest: LampNest;

beforeEach(async () => {
  clock = new VirtualClock();
  nest = await LampNest.open(new SimulatedLines(), clock);
});

describe('a pattern on the wires', () => {
  test.for<{ pattern: LampPattern; waits: number[]; seen: string[] }>([
    { pattern: passed, waits: [60_000], seen: ['pass', 'pass'] },
    { pattern: failed, waits: [60_000], seen: ['fail', 'fail'] },
    { pattern: readyLamp, waits: [60_000], seen: ['ready', 'ready'] },
    { pattern: readyWink, waits: [49, 1, 1_949, 1, 50], seen: ['busy', 'busy', '', '', 'busy', ''] },
    { pattern: running, waits: [499, 1, 499, 1], seen: ['busy', 'busy', '', '', 'busy'] },
    { pattern: noVerdict, waits: [399, 1, 399, 1], seen: ['fail', 'fail', 'busy', 'busy', 'fail'] },
    { pattern: rejected, waits: [149, 1, 150, 150, 750], seen: ['fail', 'fail', '', 'fail', '', 'fail'] },
    { pattern: alreadyDone, waits: [149, 1, 150, 150, 750], seen: ['pass', 'pass', '', 'pass', '', 'pass'] },
  ])('$pattern.name', ({ pattern, waits, seen }) => {
    nest.player().show(pattern);
    expect(nest.film(...waits)).toEqual(seen);
  });

  test('goes on undisturbed when it is shown again', () => {
    const panel = nest.player();
    panel.show(running);
    clock.advance(400);
    panel.show(running);
    expect(nest.film(100)).toEqual(['busy', '']);
  });

  test('leaves nothing of the one before', () => {
    const panel = nest.player();
    for (const pattern of [passed, running, failed, noVerdict, readyLamp]) panel.show(pattern);
    expect(nest.film(10_000)).toEqual(['ready', 'ready']);
    expect(clock.pending).toBe(0);
  });

  test('never lights two verdicts at once, not even for a moment', () => {
    const seen: string[] = [];
    for (const name of lampNames) nest.wire(name).onChange(() => seen.push(nest.lit().join('+')));
    const panel = nest.player();
    for (const pattern of [passed, failed, passed, noVerdict]) panel.show(pattern);
    clock.advance(2_000);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.filter((names) => names.includes('+'))).toEqual([]);
  });

  test('plays on a nest that has only some of the lamps', () => {
    const panel = nest.player({ fail: nest.lines.fail });
    panel.show(noVerdict);
    expect(nest.film(400, 400)).toEqual(['fail', '', 'fail']);
    expect(nest.faults).toEqual([]);
  });
});

describe('an interruption', () => {
  test('flashes three times and gives way to what was shown', () => {
    const panel = nest.player();
    panel.show(failed);
    panel.interrupt(pressIgnored);
    expect(nest.film(60, 60, 60, 60, 60, 60)).toEqual(['busy', '', 'busy', '', 'busy', '', 'fail']);
    expect(clock.pending).toBe(0);
  });

  test('starts anew when it is interrupted by itself', () => {
    const panel = nest.player();
    panel.show(passed);
    panel.interrupt(pressIgnored);
    clock.advance(200);
    panel.interrupt(pressIgnored);
    expect(nest.film(359, 1)).toEqual(['busy', '', 'pass']);
  });

  test('is cut off by a new pattern, which stays', () => {
    const panel = nest.player();
    panel.show(running);
    panel.interrupt(pressIgnored);
    clock.advance(30);
    panel.show(passed);
    expect(nest.film(30, 5_000)).toEqual(['pass', 'pass', 'pass']);
  });

  test('is not cut off when the pattern before is shown again', () => {
    const panel = nest.player();
    panel.show(running);
    panel.interrupt(pressIgnored);
    panel.show(running);
    expect(nest.film(60, 60)).toEqual(['busy', '', 'busy']);
  });

  test('before any pattern ends dark', () => {
    nest.player().interrupt(pressIgnored);
    expect(nest.film(360, 5_000)).toEqual(['busy', '', '']);
  });
});

describe('a lamp that fails', () => {
  const broken = {
    set: () => {
      throw new Error('EIO');
    },
    [Symbol.dispose]: () => undefined,
  };

  test('does not stop the others', () => {
    const panel = nest.player({ ...nest.lines, busy: broken });
    panel.show(noVerdict);
    expect(nest.film(400, 400)).toEqual(['fail', '', 'fail']);
    expect(nest.faults).not.toEqual([]);
  });

  test('is told once a pattern, however long it plays', () => {
    const panel = nest.player({ ...nest.lines, busy: broken });
    panel.show(running);
    clock.advance(60_000);
    expect(nest.faults).toHaveLength(1);
    panel.show(passed);
    expect([nest.lit(), nest.faults.length]).toEqual([['pass'], 2]);
  });

  test('after it was lit goes dark as soon as its line obeys again', () => {
    let failing = false;
    const flaky = {
      ...broken,
      set: (on: boolean) => {
        nest.lines.pass.set(on);
        if (failing) throw new Error('EIO');
      },
    };
    const panel = nest.player({ ...nest.lines, pass: flaky });
    panel.show(running);
    failing = true;
    panel.show(passed);
    expect(nest.lit()).toEqual(['pass']);
    failing = false;
    panel.show(running);
    expect(nest.lit()).toEqual(['busy']);
  });
});

describe('disposed', () => {
  test.for([passed, failed, rejected, readyWink, running, noVerdict])('all lamps are dark after $name', (pattern) => {
    const panel = nest.player();
    panel.show(pattern);
    panel[Symbol.dispose]();
    expect(nest.film(10_000)).toEqual(['', '']);
    expect(clock.pending).toBe(0);
  });

  test('nothing can light them again', () => {
    const panel = nest.player();
    panel.show(running);
    panel.interrupt(pressIgnored);
    panel[Symbol.dispose]();
    panel.show(passed);
    panel.interrupt(pressIgnored);
    expect(nest.film(10_000)).toEqual(['', '']);
    expect(clock.pending).toBe(0);
  });
});
