import type { Clock } from './clock.ts';

/**
 * The clock, with timers that tell of what they throw in place of ending the process: an error in the work of one nest
 * is no business of the others.
 */
export function guardClock(clock: Clock, onError: (error: unknown) => void): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, run) =>
      clock.after(ms, () => {
        try {
          run();
        } catch (error) {
          onError(error);
        }
      }),
  };
}
