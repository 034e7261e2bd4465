import type { Clock } from '../foundation/clock.ts';

/** Runs often end together. */
const lookAfterMs = 2_000;
/** So much longer than a look takes, there is none: it must not hold up the runs under way. */
const restPerWork = 50;

/** A look at the ledger that takes its time: soon after it is wanted, and seldom where it is slow. */
export class RestingLook implements Disposable {
  readonly #clock: Clock;
  readonly #look: () => void;
  #cancel: (() => void) | null = null;
  #restUntilMs = 0;
  #disposed = false;

  /** @param look must not throw */
  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  wanted(): void {
    if (this.#disposed || this.#cancel !== null) return;
    const restMs = this.#restUntilMs - this.#clock.monotonic();
    this.#cancel = this.#clock.after(Math.max(lookAfterMs, restMs), () => {
      this.#cancel = null;
      const startMs = this.#clock.monotonic();
      this.#look();
      const endMs = this.#clock.monotonic();
      this.#restUntilMs = endMs + restPerWork * (endMs - startMs);
    });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
    this.#cancel = null;
  }
}
