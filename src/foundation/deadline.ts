import type { Clock } from './clock.ts';

/**
 * Runs `work` with a time limit inside a parent's cancellation. The listener and the timer are always taken off
 * again: a listener left on a long-lived signal keeps every run's memory.
 *
 * @param ms limit in milliseconds
 * @param onLimit makes the error that ends the work when the limit is reached
 * @throws the parent's reason when the parent aborts, `onLimit()` when the limit is reached, else what `work` throws
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  onLimit: () => Error,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const own = new AbortController();
  const relay = (): void => {
    own.abort(parent.reason);
  };
  parent.addEventListener('abort', relay, { once: true });
  const cancelTimer = clock.after(ms, () => {
    own.abort(onLimit());
  });
  try {
    return await work(own.signal);
  } finally {
    cancelTimer();
    parent.removeEventListener('abort', relay);
  }
}
