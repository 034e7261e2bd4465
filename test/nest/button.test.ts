import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Button } from '../../src/nest/button.ts';

function presses(pressedAtStart: boolean, levels: readonly boolean[]): number {
  let count = 0;
  const button = new Button(pressedAtStart, () => (count += 1));
  for (const level of levels) button.level(level);
  return count;
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
