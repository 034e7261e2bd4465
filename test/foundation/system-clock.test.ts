import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';

test('the wall clock counts from 1970', () => {
  expect(Math.abs(systemClock.now() - new Date().getTime())).toBeLessThan(1_000);
});

test('the monotonic clock counts from the boot of the host and never goes back', () => {
  const readings = Array.from({ length: 100 }, () => systemClock.monotonic());
  expect(readings).toEqual([...readings].sort((one, other) => one - other));
  const upMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
  expect(Math.abs(systemClock.monotonic() - upMs)).toBeLessThan(60_000);
});

test('a timer fires once and not before its time', async () => {
  const start = systemClock.monotonic();
  let fired = 0;
  await new Promise<void>((resolve) => {
    systemClock.after(20, () => {
      fired += 1;
      resolve();
    });
  });
  // Timers of Node are whole milliseconds, rounded down.
  expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(19);
  await systemClock.sleep(40);
  expect(fired).toBe(1);
});

test('a timer that was taken off does not fire, and taking it off again does no harm', async () => {
  let fired = 0;
  const cancel = systemClock.after(10, () => (fired += 1));
  cancel();
  cancel();
  await systemClock.sleep(40);
  expect(fired).toBe(0);
});

describe('a sleep', () => {
  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const slept = systemClock.sleep(10, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await slept;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('ends at once with the reason of the abort', async () => {
    const stop = new AbortController();
    const slept = systemClock.sleep(600_000, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(slept).rejects.toThrow('stopped');
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  });

  test('does not begin when the signal has aborted', async () => {
    await expect(systemClock.sleep(600_000, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
