import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Button } from '../../src/nest/button.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A button, a clock, and what it told. */
function buttonAt(pressedNow: boolean, stuckAfterMs: number | null = 5_000) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const tell = (what: string) => (): void => void told.push(what);
  const button = new Button(pressedNow, {
    clock,
    stuckAfterMs,
    onPress: tell('press'),
    onHeld: tell('held'),
    onFreed: tell('freed'),
  });
  return { clock, told, button };
}

function presses(pressedAtStart: boolean, levels: readonly boolean[]): number {
  const { told, button } = buttonAt(pressedAtStart);
  for (const level of levels) button.level(level);
  return told.filter((what) => what === 'press').length;
}

test.for([
  { name: 'a press starts at its edge', held: false, levels: [true], count: 1 },
  { name: 'a press that is held starts once', held: false, levels: [true, true, true], count: 1 },
  { name: 'each press after a release starts', held: false, levels: [true, false, true, false, true], count: 3 },
  { name: 'a release starts nothing', held: false, levels: [false, false], count: 0 },
  { name: 'a button that is held at the start starts nothing', held: true, levels: [true, true], count: 0 },
  { name: 'a button that was held at the start starts after its release', held: true, levels: [false, true], count: 1 },
])('$name', ({ held, levels, count }) => {
  expect(presses(held, levels)).toBe(count);
});

test('promise 5: there is never a press without a release before it', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.boolean(), { maxLength: 100 }), (held, levels) => {
      const rising = levels.filter((level, index) => level && !(levels[index - 1] ?? held)).length;
      expect(presses(held, levels)).toBe(rising);
    }),
  );
});

test('held for its limit it is stuck, is told so every second, and is freed by its release', () => {
  const { clock, told, button } = buttonAt(false);
  button.level(true);
  clock.advance(4_999);
  expect(told).toEqual(['press']);
  clock.advance(1);
  expect(told).toEqual(['press', 'held']);
  clock.advance(2_000);
  expect(told).toEqual(['press', 'held', 'held', 'held']);
  button.level(false);
  clock.advance(60_000);
  expect(told).toEqual(['press', 'held', 'held', 'held', 'freed']);
  button.level(true);
  expect(told.at(-1)).toBe('press');
});

test('let go in time it was a press like any other', () => {
  const { clock, told, button } = buttonAt(false);
  button.level(true);
  clock.advance(4_990);
  button.level(false);
  clock.advance(60_000);
  expect([told, clock.pending]).toEqual([['press'], 0]);
});

test('held when the station starts it is stuck at once', () => {
  const { clock, told, button } = buttonAt(true);
  clock.advance(0);
  expect(told).toEqual(['held']);
  button.level(false);
  button.level(true);
  expect(told).toEqual(['held', 'freed', 'press']);
});

test('a contact that stays closed, such as a lid switch, is never stuck, and starts nothing at the start', () => {
  const { clock, told, button } = buttonAt(true, null);
  clock.advance(60_000);
  button.level(false);
  button.level(true);
  clock.advance(60_000);
  expect([told, clock.pending]).toEqual([['press'], 0]);
});

test('a button that is disposed of leaves no timer', () => {
  const { clock, button } = buttonAt(false);
  button.level(true);
  button[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});
