import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/foundation/clock.ts';
import type { OutputLine } from '../../src/gpio/line.ts';
import { SimulatedLines } from '../../src/simulator/simulated-lines.ts';
import {
  alreadyDone,
  failed,
  lampNames,
  lampPatterns,
  noVerdict,
  passed,
  pressIgnored,
  readyLamp,
  readyWink,
  rejected,
  running,
} from '../../src/nest/lamp-patterns.ts';
import type { LampName, LampPattern } from '../../src/nest/lamp-patterns.ts';
import { PatternPlayer } from '../../src/nest/pattern-player.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

type LampLines = Readonly<Record<LampName, OutputLine>>;
type Lamps = PatternPlayer<LampName>;

const bcmOf: Readonly<Record<LampName, number>> = { pass: 17, fail: 27, busy: 22, ready: 23 };
let clock: VirtualClock;
let lines: SimulatedLines;
let lampLines: LampLines;
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

function player(those: Partial<LampLines>, at: Clock = clock): Lamps {
  const named = lampNames.flatMap((name) => (those[name] === undefined ? [] : [[name, those[name]] as const]));
  return new PatternPlayer(new Map(named), at, (error) => faults.push(error));
}

function lamps(changes: Partial<LampLines> = {}): Lamps {
  return player({ ...lampLines, ...changes });
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
    { pattern: rejected, waits: [149, 1, 150, 150, 750], seen: ['fail', 'fail', '', 'fail', '', 'fail'] },
    { pattern: alreadyDone, waits: [149, 1, 150, 150, 750], seen: ['pass', 'pass', '', 'pass', '', 'pass'] },
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
    const panel = player({ fail: lampLines.fail });
    panel.show(noVerdict);
    expect(film(400, 400)).toEqual(['fail', '', 'fail']);
    expect(faults).toEqual([]);
  });
});

describe('nests blink together', () => {
  const repeating = [...lampPatterns, alreadyDone].filter(({ repeat }) => repeat);
  const other: Readonly<Record<LampName, number>> = { pass: 5, fail: 6, busy: 7, ready: 8 };

  let linesThere: LampLines;

  beforeEach(async () => {
    const open = (name: LampName) =>
      lines.openOutput({ bcm: other[name], active: 'high', drive: 'push-pull' }, `nest 2 ${name}`);
    linesThere = {
      pass: await open('pass'),
      fail: await open('fail'),
      busy: await open('busy'),
      ready: await open('ready'),
    };
  });

  const lampsThere = (): Lamps => player(linesThere);
  const litThere = (): LampName[] => lampNames.filter((name) => lines.wire(other[name]).level === 'high');

  test.for(repeating.map((pattern) => ({ pattern })))(
    '$pattern.name: whenever they came to it, from its second period on',
    ({ pattern }) => {
      const periodMs = pattern.steps.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
      for (let laterMs = 0; laterMs < periodMs; laterMs += 30) {
        const first = lamps();
        const second = lampsThere();
        first.show(pattern);
        clock.advance(laterMs);
        second.show(pattern);
        expect(litThere()).toEqual(pattern.steps[0]?.lit);
        clock.advance(periodMs);
        for (let count = 0; count < periodMs / 10; count += 1) {
          expect([laterMs, count, litThere()]).toEqual([laterMs, count, lit()]);
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
    lamps().show(running);
    const changes: string[] = [];
    let sinceMs = clock.monotonic();
    lines.wire(bcmOf.busy).onChange((level) => {
      changes.push(`${level === 'high' ? 'dark' : 'busy'} ${clock.monotonic() - sinceMs}`);
      sinceMs = clock.monotonic();
    });
    expect(lit()).toEqual(['busy']);
    clock.advance(4_000);
    expect(changes.slice(0, 4)).toEqual(seen);
  });

  test('after an interruption, too', () => {
    const first = lamps();
    first.show(running);
    lampsThere().show(running);
    clock.advance(330);
    first.interrupt(pressIgnored);
    clock.advance(500);
    for (let count = 0; count < 200; count += 1) {
      clock.advance(10);
      expect([count, lit()]).toEqual([count, litThere()]);
    }
  });

  test('after the machine was late by more than a step', () => {
    let lateMs = 0;
    const late = Object.assign(Object.create(clock) as VirtualClock, {
      monotonic: () => clock.monotonic() + lateMs,
      after: (ms: number, run: () => void) => clock.after(ms, run),
    });
    player(lampLines, late).show(running);
    clock.advance(499);
    lateMs = 1_300;
    // 500 ms of the clock, 1800 ms in truth: dark, for 200 ms more.
    expect(film(1, 199, 1)).toEqual(['busy', '', '', 'busy']);
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
  test.for([passed, failed, rejected, readyWink, running, noVerdict])('all lamps are dark after $name', (pattern) => {
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
