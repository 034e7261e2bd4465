import { expect, test } from 'vitest';
import { CpuLimitError, withinCpu } from '../../src/foundation/cpu-limit.ts';

test('work gives its result and its own errors', () => {
  expect(withinCpu(1_000, () => 7)).toBe(7);
  const own = new TypeError('own');
  expect(() =>
    withinCpu(1_000, () => {
      throw own;
    }),
  ).toThrow(own);
});

test('a search that never ends is stopped, and the next work is not', () => {
  expect(() => withinCpu(50, () => /^(\w+\s?)+!$/.exec('word '.repeat(50)))).toThrow(CpuLimitError);
  expect(withinCpu(1_000, () => 'next')).toBe('next');
});
