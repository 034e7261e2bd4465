import type { Clock } from '../../src/foundation/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The clock of one start of a station: at a power cut nothing of it fires any more. */
export class BootClock implements Clock {
  readonly #time: VirtualClock;
  readonly #timers = new Set<() => void>();
  #dead = false;

  constructor(time: VirtualClock) {
    this.#time = time;
  }

  /** The power is gone. */
  get dead(): boolean {
    return this.#dead;
  }

  die(): void {
    this.#dead = true;
    for (const cancel of this.#timers) cancel();
  }

  now(): number {
    return this.#time.now();
  }

  monotonic(): number {
    return this.#time.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    if (this.#dead) return () => undefined;
    const off = this.#time.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      off();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** What slept when the power went never wakes up. */
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
}
