import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedLines } from '../../src/simulator/simulated-lines.ts';
import { Lamps } from '../../src/nest/lamps.ts';
import type { LampLines } from '../../src/nest/lamps.ts';
import {
  failed,
  lampNames,
  noVerdict,
  passed,
  pressIgnored,
  readyLamp,
  readyWink,
  running,
} from '../../src/nest/operator-panel.ts';
import type { LampName, LampPattern } from '../../src/nest/operator-panel.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const bcmOf: Readonly<Record<LampName, number>> = { pass: 17, fail: 27, busy: 22, ready: 23 };
let clock: VirtualClock;
let lines: SimulatedLines;
let lampLines: Required<LampLines>;
let faults: unknown[];

beforeEach(async () => {
  clock = new VirtualClock();
  lines = new SimulatedLines();
  faults = [];
  const open = (name: LampName) =>
    lines.openOutput({ bcm: bcmOf[name], active: 'high', drive: 'push-pull' }, `nest 1 ${name}`);
  lampLines = {
    pass: await open('pass'),
    fail: await open('fail'),
    busy: await open('busy'),
    ready: await open('ready'),
  };
});

function lamps(changes: Partial<LampLines> = {}): Lamps {
  return new Lamps({ ...lampLines, ...changes }, clock, (error) => faults.push(error));
}

/** The lamps that are lit on the wire. */
function lit(): LampName[] {
  return lampNames.filter((name) => lines.wire(bcmOf[name]).level === 'high');
}

/** What is lit now and after each of the waits, ms. */
function film(...waits: readonly number[]): string[] {
  return [lit().join('+'), ...waits.map((ms) => (clock.advance(ms), lit().join('+')))];
}

describe('a pattern on the wires', () => {
  test.for<{ pattern: LampPattern; waits: number[]; seen: string[] }>([
    { pattern: passed, waits: [60_000], seen: ['pass', 'pass'] },
    { pattern: failed, waits: [60_000], seen: ['fail', 'fail'] },
    { pattern: readyLamp, waits: [60_000], seen: ['ready', 'ready'] },
    { pattern: readyWink, waits: [49, 1, 1_949, 1, 50], seen: ['busy', 'busy', '', '', 'busy', ''] },
    { pattern: running, waits: [499, 1, 499, 1], seen: ['busy', 'busy', '', '', 'busy'] },
    { pattern: noVerdict, waits: [399, 1, 399, 1], seen: ['fail', 'fail', 'busy', 'busy', 'fail'] },
  ])('$pattern.name', ({ pattern, waits, seen }) => {
    lamps().show(pattern);
    expect(film(...waits)).toEqual(seen);
  });

  test('goes on undisturbed when it is shown again', () => {
    const panel = lamps();
    panel.show(running);
    clock.advance(400);
    panel.show(running);
    expect(film(100)).toEqual(['busy', '']);
  });

  test('leaves nothing of the one before', () => {
    const panel = lamps();
    for (const pattern of [passed, running, failed, noVerdict, readyLamp]) panel.show(pattern);
    expect(film(10_000)).toEqual(['ready', 'ready']);
    expect(clock.pending).toBe(0);
  });

  test('never lights two verdicts at once, not even for a moment', () => {
    const seen: string[] = [];
    for (const name of lampNames) lines.wire(bcmOf[name]).onChange(() => seen.push(lit().join('+')));
    const panel = lamps();
    for (const pattern of [passed, failed, passed, noVerdict]) panel.show(pattern);
    clock.advance(2_000);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.filter((names) => names.includes('+'))).toEqual([]);
  });

  test('plays on a nest that has only some of the lamps', () => {
    const panel = new Lamps({ fail: lampLines.fail }, clock, (error) => faults.push(error));
    panel.show(noVerdict);
    expect(film(400, 400)).toEqual(['fail', '', 'fail']);
    expect(faults).toEqual([]);
  });
});

describe('an interruption', () => {
  test('flashes three times and gives way to what was shown', () => {
    const panel = lamps();
    panel.show(failed);
    panel.interrupt(pressIgnored);
    expect(film(60, 60, 60, 60, 60, 60)).toEqual(['busy', '', 'busy', '', 'busy', '', 'fail']);
    expect(clock.pending).toBe(0);
  });

  test('starts anew when it is interrupted by itself', () => {
    const panel = lamps();
    panel.show(passed);
    panel.interrupt(pressIgnored);
    clock.advance(200);
    panel.interrupt(pressIgnored);
    expect(film(359, 1)).toEqual(['busy', '', 'pass']);
  });

  test('is cut off by a new pattern, which stays', () => {
    const panel = lamps();
    panel.show(running);
    panel.interrupt(pressIgnored);
    clock.advance(30);
    panel.show(passed);
    expect(film(30, 5_000)).toEqual(['pass', 'pass', 'pass']);
  });

  test('is not cut off when the pattern before is shown again', () => {
    const panel = lamps();
    panel.show(running);
    panel.interrupt(pressIgnored);
    panel.show(running);
    expect(film(60, 60)).toEqual(['busy', '', 'busy']);
  });

  test('before any pattern ends dark', () => {
    lamps().interrupt(pressIgnored);
    expect(film(360, 5_000)).toEqual(['busy', '', '']);
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
    const panel = lamps({ busy: broken });
    panel.show(noVerdict);
    expect(film(400, 400)).toEqual(['fail', '', 'fail']);
    expect(faults).not.toEqual([]);
  });

  test('is told once a pattern, however long it plays', () => {
    const panel = lamps({ busy: broken });
    panel.show(running);
    clock.advance(60_000);
    expect(faults).toHaveLength(1);
    panel.show(passed);
    expect([lit(), faults.length]).toEqual([['pass'], 2]);
  });

  test('after it was lit goes dark as soon as its line obeys again', () => {
    let failing = false;
    const flaky = {
      ...broken,
      set: (on: boolean) => {
        lampLines.pass.set(on);
        if (failing) throw new Error('EIO');
      },
    };
    const panel = lamps({ pass: flaky });
    panel.show(running);
    failing = true;
    panel.show(passed);
    expect(lit()).toEqual(['pass']);
    failing = false;
    panel.show(running);
    expect(lit()).toEqual(['busy']);
  });
});

describe('disposed', () => {
  test.for([passed, failed, readyWink, running, noVerdict])('all lamps are dark after $name', (pattern) => {
    const panel = lamps();
    panel.show(pattern);
    panel[Symbol.dispose]();
    expect(film(10_000)).toEqual(['', '']);
    expect(clock.pending).toBe(0);
  });

  test('nothing can light them again', () => {
    const panel = lamps();
    panel.show(running);
    panel.interrupt(pressIgnored);
    panel[Symbol.dispose]();
    panel.show(passed);
    panel.interrupt(pressIgnored);
    expect(film(10_000)).toEqual(['', '']);
    expect(clock.pending).toBe(0);
  });
});
