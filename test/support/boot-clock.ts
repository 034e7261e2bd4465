import type { Clock } from '../../src/foundation/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The clock of one start of a station: its wall clock can be set, and at a power cut nothing of it fires any more. */
export class BootClock implements Clock {
  readonly #time: VirtualClock;
  #aheadMs: number;
  #dead = false;

  /** @param wallMs what the wall clock shows at first; default: the right time */
  constructor(time: VirtualClock, wallMs = time.now()) {
    this.#time = time;
    this.#aheadMs = wallMs - time.now();
  }

  /** What somebody sets the wall clock to, ms since 1970. The monotonic clock does not notice. */
  set wallMs(ms: number) {
    this.#aheadMs = ms - this.#time.now();
  }

  /** The power is gone. */
  get dead(): boolean {
    return this.#dead;
  }

  die(): void {
    this.#dead = true;
  }

  now(): number {
    return this.#time.now() + this.#aheadMs;
  }

  monotonic(): number {
    return this.#time.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    return this.#time.after(ms, () => {
      if (!this.#dead) run();
    });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    // What slept when the power went never wakes up.
    return this.#time.sleep(ms, signal).then(() => (this.#dead ? new Promise<void>(() => undefined) : undefined));
  }
}
