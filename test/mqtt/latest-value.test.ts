import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatestValue } from '../../src/mqtt/latest-value.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function recorded() {
  const clock = new VirtualClock();
  const sent: { readonly at: number; readonly value: number }[] = [];
  const outlet = new LatestValue<number>(clock, 250, (value) => sent.push({ at: clock.monotonic(), value }));
  return { clock, sent, outlet };
}

test('the first value goes out at once, then the latest of each interval', () => {
  const { clock, sent, outlet } = recorded();
  outlet.offer(1);
  outlet.offer(2);
  clock.advance(100);
  outlet.offer(3);
  clock.advance(1_000);
  outlet.offer(4);
  expect(sent).toEqual([
    { at: 0, value: 1 },
    { at: 250, value: 3 },
    { at: 1_100, value: 4 },
  ]);
});

test('whatever is offered: never two within an interval, and the last one always arrives', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1 });
  fc.assert(
    fc.property(waits, (steps) => {
      const { clock, sent, outlet } = recorded();
      for (const [index, wait] of steps.entries()) {
        clock.advance(wait);
        outlet.offer(index);
      }
      clock.advance(1_000);
      expect(sent.at(-1)?.value).toBe(steps.length - 1);
      for (const [index, { at }] of sent.entries())
        if (index > 0) expect(at - sent[index - 1]!.at).toBeGreaterThanOrEqual(250);
      expect(clock.pending).toBe(0);
    }),
  );
});

test('a flush hands on what waits and leaves no timer', () => {
  const { clock, sent, outlet } = recorded();
  outlet.offer(1);
  outlet.offer(2);
  outlet.flush();
  outlet.flush();
  expect(sent.map(({ value }) => value)).toEqual([1, 2]);
  expect(clock.pending).toBe(0);
});

test('a value that is told now takes the place of what waits, and the interval begins again', () => {
  const { clock, sent, outlet } = recorded();
  outlet.offer(1);
  outlet.offer(2);
  clock.advance(100);
  outlet.tellNow(3);
  outlet.offer(4);
  clock.advance(1_000);
  expect(sent).toEqual([
    { at: 0, value: 1 },
    { at: 100, value: 3 },
    { at: 350, value: 4 },
  ]);
});
