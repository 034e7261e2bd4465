import type { Clock } from '../../src/foundation/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #startMs: number;
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;
  #created = 0;

  /** @param startMs wall-clock time at the beginning, ms since 1970 */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  /** Sets the wall clock, as a person or the network does; time itself goes on as before. @param wallMs ms since 1970 */
  set(wallMs: number): void {
    this.#startMs = wallMs - this.#elapsedMs;
  }

  /** Timers that are set and have neither fired nor been taken off. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, ms), order: this.#created++, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Moves the time to the next timer and fires it; false when none is set. Synchronous. */
  fireNext(): boolean {
    const next = this.#nextUntil(Infinity);
    if (next !== undefined) this.#fire(next);
    return next !== undefined;
  }

  /** Moves the time on by `ms` and fires what falls due, in order, also timers that are set on the way. Synchronous. */
  advance(ms: number): void {
    const endMs = this.#elapsedMs + ms;
    for (let next = this.#nextUntil(endMs); next !== undefined; next = this.#nextUntil(endMs)) this.#fire(next);
    this.#elapsedMs = endMs;
  }

  /** Like `advance`, but lets promises run on after every timer: for code that awaits `sleep` in a loop. */
  async elapse(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#nextUntil(endMs); next !== undefined; next = this.#nextUntil(endMs)) {
      this.#fire(next);
      await settle();
    }
    this.#elapsedMs = endMs;
    await settle();
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
    timer.run();
  }

  #nextUntil(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}

/** Lets everything run that waits for promises only. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
