import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { watchDebounced } from '../../src/gpio/debounce.ts';
import type { WatchedContact } from '../../src/gpio/debounce.ts';
import type { InputLine } from '../../src/gpio/line.ts';
import type { LineWire } from '../../src/simulator/bench/line-wire.ts';
import { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const windowMs = 20;
let clock: VirtualClock;
let wire: LineWire;
let line: InputLine;

beforeEach(async () => {
  clock = new VirtualClock();
  const lines = new SimulatedLines();
  wire = lines.wire(4);
  line = await lines.openInput({ bcm: 4, active: 'low', drive: 'open-drain' }, 'nest 1 button');
});

interface Watched extends Disposable {
  readonly told: { readonly active: boolean; readonly atMs: number }[];
  readonly faults: unknown[];
  readonly watching: WatchedContact;
}

function watch(input: InputLine = line): Watched {
  const told: Watched['told'][number][] = [];
  const faults: unknown[] = [];
  const change = (active: boolean): void => void told.push({ active, atMs: clock.monotonic() });
  const watching = watchDebounced(input, clock, windowMs, change, (error) => faults.push(error));
  return { told, faults, watching, [Symbol.dispose]: () => watching[Symbol.dispose]() };
}

/** Presses or releases, each after a wait, ms. */
function play(...steps: readonly (readonly [waitMs: number, pressed: boolean])[]): void {
  for (const [waitMs, pressed] of steps) {
    clock.advance(waitMs);
    wire.pull(pressed ? 'low' : null);
  }
}

test('a press that bounces is told once, at the end of the window that its first edge opened', () => {
  const { told } = watch();
  play([100, true], [2, false], [3, true], [1, false], [4, true]);
  clock.advance(500);
  expect(told).toEqual([{ active: true, atMs: 120 }]);
});

test('a release that bounces is told once', () => {
  wire.pull('low');
  const { told } = watch();
  play([100, false], [5, true], [5, false]);
  clock.advance(500);
  expect(told).toEqual([{ active: false, atMs: 120 }]);
});

test('a glitch shorter than the window is nothing', () => {
  const { told } = watch();
  play([100, true], [windowMs - 1, false]);
  clock.advance(500);
  expect(told).toEqual([]);
});

test('glitches that happen to be a window apart are nothing', () => {
  const { told } = watch();
  play([100, true], [2, false], [windowMs - 3, true], [4, false]);
  clock.advance(500);
  expect(told).toEqual([]);
});

test('a contact that bounces longer than the window counts once it has been steady for half of it', () => {
  const { told } = watch();
  play([100, true], [9, false], [9, true]);
  clock.advance(500);
  expect(told).toEqual([{ active: true, atMs: 128 }]);
});

test('what the kernel has debounced counts at once, and none of it is lost when it is read late', () => {
  let tell: (active: boolean) => void = () => undefined;
  const kernel: InputLine = {
    ...line,
    debounced: true,
    read: () => false,
    watch: (listener) => {
      tell = listener;
      return line.watch(() => undefined);
    },
  };
  const { told } = watch(kernel);
  clock.advance(300);
  for (const active of [true, false, true, true]) tell(active);
  expect(told.map(({ active }) => active)).toEqual([true, false, true]);
  expect(clock.pending).toBe(0);
});

test('an edge at the very end of a window opens the next one', () => {
  const { told } = watch();
  play([100, true], [windowMs, false]);
  clock.advance(500);
  expect(told).toEqual([
    { active: true, atMs: 120 },
    { active: false, atMs: 140 },
  ]);
});

test('a level that is there at the start is not told', () => {
  wire.pull('low');
  const { told } = watch();
  clock.advance(500);
  expect(told).toEqual([]);
});

test.for([false, true])('an edge while the watch begins is not lost (debounced by the kernel: %s)', (debounced) => {
  let tell: (active: boolean) => void = () => undefined;
  let pressed = false;
  const late: InputLine = {
    ...line,
    debounced,
    read: () => pressed,
    watch: (listener) => {
      // Nobody was there yet to hear it.
      pressed = true;
      tell = listener;
      return line.watch(() => undefined);
    },
  };
  const { told, watching } = watch(late);
  expect(watching.active).toBe(true);
  clock.advance(300);
  pressed = false;
  tell(false);
  clock.advance(300);
  expect(told.map(({ active }) => active)).toEqual([false]);
});

const chatter = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 200 });

test('whatever a contact does, changes alternate, are a window apart, and the last one is how it stays', () => {
  fc.assert(
    fc.property(chatter, (steps) => {
      wire.pull(null);
      using watched = watch();
      const startMs = clock.monotonic();
      play(...steps);
      clock.advance(6 * windowMs);
      const { told } = watched;
      expect(told.map(({ active }) => active)).toEqual(told.map((_, index) => index % 2 === 0));
      for (const [index, { atMs }] of told.entries()) {
        expect(atMs - (told[index - 1]?.atMs ?? startMs)).toBeGreaterThanOrEqual(windowMs);
      }
      expect(told.at(-1)?.active ?? false).toBe(line.read());
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('a contact that chatters for ever keeps neither itself nor the station busy', () => {
  using watched = watch();
  for (let edge = 0; edge < 10_000; edge += 1) play([1, edge % 2 === 0]);
  expect(watched.told.length).toBeLessThanOrEqual(10_000 / windowMs);
  expect(clock.pending).toBeLessThanOrEqual(1);
});

describe('taken off', () => {
  test('in the middle of a bounce it tells nothing more and leaves no timer', () => {
    const watched = watch();
    play([100, true]);
    watched[Symbol.dispose]();
    play([5, false], [5, true]);
    clock.advance(500);
    expect([watched.told, clock.pending]).toEqual([[], 0]);
  });

  test('the line may be closed at once', () => {
    const watched = watch();
    play([100, true]);
    watched[Symbol.dispose]();
    line[Symbol.dispose]();
    clock.advance(500);
    expect(watched.faults).toEqual([]);
  });
});

describe('a line that cannot be read', () => {
  test('now is the error of the call', () => {
    line[Symbol.dispose]();
    expect(() => watch()).toThrow(expect.objectContaining({ code: 'S03' }));
  });

  test('later is told, and the next edge is tried again', () => {
    let broken = false;
    const flaky: InputLine = {
      ...line,
      read: () => {
        if (broken) throw new Error('EIO');
        return line.read();
      },
    };
    const { told, faults } = watch(flaky);
    broken = true;
    play([100, true]);
    clock.advance(500);
    expect([told, faults.length]).toEqual([[], 1]);
    broken = false;
    play([0, false], [1, true]);
    clock.advance(500);
    expect(told.map(({ active }) => active)).toEqual([true]);
  });
});
