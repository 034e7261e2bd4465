import { expect, test } from 'vitest';
import { ReconnectDelay } from '../../src/mqtt/reconnect-delay.ts';

test('the delay doubles from 1 s to 30 s and starts again after a connection', () => {
  const delay = new ReconnectDelay(() => 0.5);
  expect(Array.from({ length: 7 }, () => delay.next())).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  delay.reset();
  expect(delay.next()).toBe(1_000);
});

test('the jitter spreads it from half to one and a half', () => {
  expect(new ReconnectDelay(() => 0).next()).toBe(500);
  expect(new ReconnectDelay(() => 1).next()).toBe(1_500);
});
