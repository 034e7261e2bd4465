const firstMs = 1_000;
const longestMs = 30_000;

/** How long to wait before the next attempt: doubling from 1 s to 30 s, times 0.5 … 1.5, so that stations spread. */
export class ReconnectDelay {
  readonly #random: () => number;
  #failures = 0;

  /** @param random 0 … 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Ms until the next attempt; each call without `reset` gives a longer one. */
  next(): number {
    const plainMs = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    return Math.round(plainMs * (0.5 + this.#random()));
  }

  /** A connection stood. */
  reset(): void {
    this.#failures = 0;
  }
}
