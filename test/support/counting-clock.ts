import type { Clock } from '../../src/foundation/clock.ts';

/** The same time as another clock, and a count of what this user of it has set. */
export class CountingClock implements Clock {
  readonly #clock: Clock;
  #pending = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers and sleeps that have neither ended nor been taken off. */
  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    let counts = true;
    const done = (): void => {
      if (counts) this.#pending -= 1;
      counts = false;
    };
    this.#pending += 1;
    const cancel = this.#clock.after(ms, () => {
      done();
      run();
    });
    return () => {
      done();
      cancel();
    };
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.#pending += 1;
    try {
      await this.#clock.sleep(ms, signal);
    } finally {
      this.#pending -= 1;
    }
  }
}
