import type { Clock } from '../../foundation/clock.ts';
import type { BenchNest } from '../../simulator/bench/bench-nest.ts';

/** How long a finger stays down after the station has answered, and up before the next press, ms. */
const fingerMs = 60;
/** How long it waits for the answer: a busy machine may look at the button late, but a person lets go at last. */
const patienceMs = 2_000;

/** A finger at the button of one nest. No press is lost: one that comes while the button is down follows it. */
export class DemoFinger implements Disposable {
  readonly #nest: Pick<BenchNest, 'press' | 'release'>;
  readonly #clock: Clock;
  #place: 'away' | 'down' | 'lifting' = 'away';
  #again = false;
  #cancel: () => void = () => undefined;

  constructor(nest: Pick<BenchNest, 'press' | 'release'>, clock: Clock) {
    this.#nest = nest;
    this.#clock = clock;
  }

  press(): void {
    if (this.#place !== 'away') {
      this.#again = true;
      return;
    }
    this.#place = 'down';
    this.#nest.press();
    this.#liftAfter(patienceMs);
  }

  /** The station has reacted to the button. */
  answered(): void {
    if (this.#place === 'down') this.#liftAfter(fingerMs);
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #liftAfter(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => {
      this.#place = 'lifting';
      this.#nest.release();
      this.#cancel = this.#clock.after(fingerMs, () => {
        this.#place = 'away';
        const again = this.#again;
        this.#again = false;
        if (again) this.press();
      });
    });
  }
}
