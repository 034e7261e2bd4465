import { expect, test } from 'vitest';
import { wilson } from '../../../src/ledger/yield/wilson.ts';

// The figures of production-station reference §5.3 rule 12.
test.for([
  { successes: 50, total: 50, low: 92.9, high: 100 },
  { successes: 98, total: 100, low: 93.0, high: 99.4 },
  { successes: 490, total: 500, low: 96.4, high: 98.9 },
  { successes: 0, total: 10, low: 0, high: 27.8 },
])('$successes of $total lies between $low % and $high %', ({ successes, total, low, high }) => {
  const rate = wilson(successes, total);
  expect(rate?.share).toBe(successes / total);
  expect((rate?.low ?? NaN) * 100).toBeCloseTo(low, 1);
  expect((rate?.high ?? NaN) * 100).toBeCloseTo(high, 1);
});

test('nothing counted gives no rate', () => {
  expect(wilson(0, 0)).toBeNull();
});
