import type { Clock } from '../../foundation/clock.ts';
import type { Faults } from '../chip/faults.ts';

/** What leaves TX, with what the wire behind it does to it. */
export class Transmitter {
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #timers = new Set<() => void>();
  listener: (bytes: Uint8Array, baud: number) => void = () => undefined;

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock;
    this.#faults = faults;
  }

  send(bytes: Uint8Array, baud: number): void {
    const heard = this.#faults.sent.apply(bytes);
    if (heard.length === 0) return;
    const { latencyMs } = this.#faults;
    if (latencyMs > 0) this.later(latencyMs, () => this.listener(heard, baud));
    else this.listener(heard, baud);
  }

  /** Does something after a while, unless `clear` comes first. */
  later(ms: number, run: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  /** Forgets what has not left yet. */
  clear(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}
