import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

test('timers fire in the order of their time, and in the order of their setting at the same time', () => {
  const clock = new VirtualClock(1000);
  const fired: string[] = [];
  clock.after(20, () => fired.push(`late at ${clock.now()}`));
  clock.after(10, () => {
    fired.push(`first at ${clock.monotonic()}`);
    clock.after(5, () => fired.push(`from inside at ${clock.monotonic()}`));
  });
  clock.after(10, () => fired.push('second'));
  const cancel = clock.after(10, () => fired.push('never'));
  cancel();
  clock.advance(19);
  expect(fired).toEqual(['first at 10', 'second', 'from inside at 15']);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(fired.at(-1)).toBe('late at 1020');
});

test('elapse lets a loop of sleeps go on', async () => {
  const clock = new VirtualClock();
  let rounds = 0;
  const loop = (async (): Promise<void> => {
    for (; rounds < 5; rounds++) await clock.sleep(10);
  })();
  await clock.elapse(49);
  expect(rounds).toBe(4);
  await clock.elapse(1);
  expect(rounds).toBe(5);
  await loop;
});

test('sleep ends with the reason of its signal and takes its timer off', async () => {
  const clock = new VirtualClock();
  const own = new AbortController();
  const sleeping = clock.sleep(10, own.signal);
  own.abort(new Error('stop'));
  await expect(sleeping).rejects.toThrow('stop');
  await expect(clock.sleep(10, own.signal)).rejects.toThrow('stop');
  expect(clock.pending).toBe(0);
});
