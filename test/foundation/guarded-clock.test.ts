import { expect, test } from 'vitest';
import { guardClock } from '../../src/foundation/guarded-clock.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

test('what a timer throws is told, and the next one fires all the same', () => {
  const clock = new VirtualClock();
  const told: unknown[] = [];
  const guarded = guardClock(clock, (error) => told.push(error));
  const broken = new TypeError('broken');
  const fired: number[] = [];
  guarded.after(10, () => {
    throw broken;
  });
  guarded.after(20, () => void fired.push(guarded.monotonic()));
  const cancel = guarded.after(30, () => void fired.push(30));
  cancel();
  clock.advance(100);
  expect([told, fired, guarded.now() - clock.now()]).toEqual([[broken], [20], 0]);
});
