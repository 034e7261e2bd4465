import type { Clock } from '../foundation/clock.ts';
import { LatestValue } from './latest-value.ts';

/** Retained state of several things: the latest value of each, handed on at most once per interval. */
export class LatestValues<Key, Value> {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #send: (value: Value) => void;
  readonly #entries = new Map<Key, { latest: Value; readonly outlet: LatestValue<Value> }>();

  constructor(clock: Clock, intervalMs: number, send: (value: Value) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#send = send;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  offer(key: Key, value: Value): void {
    const known = this.#entries.get(key);
    if (known === undefined) {
      const outlet = new LatestValue(this.#clock, this.#intervalMs, this.#send);
      this.#entries.set(key, { latest: value, outlet });
      outlet.offer(value);
      return;
    }
    known.latest = value;
    known.outlet.offer(value);
  }

  /** For a listener that has heard nothing yet. */
  tellAllNow(): void {
    for (const { latest, outlet } of this.#entries.values()) outlet.tellNow(latest);
  }

  flush(): void {
    for (const { outlet } of this.#entries.values()) outlet.flush();
  }
}
