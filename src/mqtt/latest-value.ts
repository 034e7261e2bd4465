import type { Clock } from '../foundation/clock.ts';

/** Hands values on, at most one per interval: the first at once, then the latest of those that came in the meantime. */
export class LatestValue<Value> {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #send: (value: Value) => void;
  #waiting: { readonly value: Value } | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, intervalMs: number, send: (value: Value) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#send = send;
  }

  offer(value: Value): void {
    if (this.#cancelTimer === null) this.#handOn(value);
    else this.#waiting = { value };
  }

  /** Hands the value on at once in place of what waits: for a listener that has heard nothing yet. */
  tellNow(value: Value): void {
    this.#cancelTimer?.();
    this.#waiting = null;
    this.#handOn(value);
  }

  /** Hands on at once what still waits, and takes the timer off. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) this.#send(waiting.value);
  }

  #handOn(value: Value): void {
    this.#cancelTimer = this.#clock.after(this.#intervalMs, () => {
      this.#cancelTimer = null;
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting !== null) this.#handOn(waiting.value);
    });
    this.#send(value);
  }
}
