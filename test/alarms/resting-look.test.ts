import { expect, test } from 'vitest';
import { RestingLook } from '../../src/alarms/resting-look.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

test('a look comes 2 s after it is wanted, once for all who want it', () => {
  const clock = new VirtualClock();
  const looks: number[] = [];
  using look = new RestingLook(clock, () => void looks.push(clock.monotonic()));
  look.wanted();
  clock.advance(1_000);
  look.wanted();
  clock.advance(5_000);
  look.wanted();
  clock.advance(5_000);
  expect(looks).toEqual([2_000, 8_000]);
});

test('a slow look rests fifty times as long as it took', () => {
  const clock = new VirtualClock();
  const looks: number[] = [];
  using look = new RestingLook(clock, () => {
    looks.push(clock.monotonic());
    clock.advance(200);
  });
  look.wanted();
  clock.advance(2_000);
  look.wanted();
  clock.advance(20_000);
  expect(looks).toEqual([2_000, 12_200]);
});

test('none comes after the end', () => {
  const clock = new VirtualClock();
  const look = new RestingLook(clock, () => {
    throw new Error('Too late.');
  });
  look.wanted();
  look[Symbol.dispose]();
  look.wanted();
  clock.advance(10_000);
  expect(clock.pending).toBe(0);
});
