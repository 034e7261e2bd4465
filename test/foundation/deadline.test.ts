import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { within } from '../../src/foundation/deadline.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const late = new Error('late');
let clock: VirtualClock;
let parent: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  parent = new AbortController();
});

/** Work that ends only when its signal aborts, with the signal's reason. */
const endless = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

function run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return within(clock, 100, () => late, parent.signal, work);
}

function leftBehind(): readonly number[] {
  return [clock.pending, getEventListeners(parent.signal, 'abort').length];
}

test('gives what the work gives, and leaves neither timer nor listener', async () => {
  expect(await run(() => Promise.resolve(7))).toBe(7);
  expect(leftBehind()).toEqual([0, 0]);
});

test('throws what the work throws, and leaves neither timer nor listener', async () => {
  await expect(run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(leftBehind()).toEqual([0, 0]);
});

test('throws the error of the limit exactly when the limit is reached', async () => {
  const ended = run(endless);
  let over = false;
  ended.catch(() => (over = true));
  await clock.elapse(99);
  expect([over, ...leftBehind()]).toEqual([false, 1, 1]);
  await clock.elapse(1);
  await expect(ended).rejects.toBe(late);
  expect(leftBehind()).toEqual([0, 0]);
});

describe("the parent's abort", () => {
  test('ends the work with its reason', async () => {
    const ended = run(endless);
    parent.abort(new Error('stopped'));
    await expect(ended).rejects.toThrow('stopped');
    expect(leftBehind()).toEqual([0, 0]);
  });

  test('before the call starts no work', async () => {
    parent.abort(new Error('stopped'));
    let started = false;
    const work = (): Promise<void> => {
      started = true;
      return Promise.resolve();
    };
    await expect(run(work)).rejects.toThrow('stopped');
    expect([started, ...leftBehind()]).toEqual([false, 0, 0]);
  });

  test('after the limit does not change the reason', async () => {
    const ended = run(endless);
    clock.advance(100);
    parent.abort(new Error('stopped'));
    await expect(ended).rejects.toBe(late);
  });
});

test('limits nest: the inner one ends only the inner work', async () => {
  const outer = run(async (signal) => {
    await expect(within(clock, 10, () => new Error('inner'), signal, endless)).rejects.toThrow('inner');
    return 'went on';
  });
  await clock.elapse(10);
  expect(await outer).toBe('went on');
});

test('a long-lived signal carries no more listeners after ten thousand calls than before', async () => {
  for (let call = 0; call < 10_000; call += 1) await run(() => Promise.resolve());
  expect(leftBehind()).toEqual([0, 0]);
});
