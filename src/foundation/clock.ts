/** Time as the program sees it: a plain argument, so that tests can drive it. */
export interface Clock {
  /** Wall-clock time in ms since 1970-01-01 UTC; may jump when the station's clock is set. */
  now(): number;
  /** Monotonic time in ms, since the boot of the host where it has one; the only source of durations. */
  monotonic(): number;
  /** Calls `run` once after `ms` ms; the returned function takes the timer off again. */
  after(ms: number, run: () => void): () => void;
  /** Resolves after `ms` ms; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
