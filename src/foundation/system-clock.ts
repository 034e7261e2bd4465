import type { Clock } from './clock.ts';

/** The machine's clock. The only file that calls `Date.now` and `setTimeout`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // CLOCK_MONOTONIC on Linux: counts from the boot of the host, so it can be compared across restarts of the daemon.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const finish = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  },
};
