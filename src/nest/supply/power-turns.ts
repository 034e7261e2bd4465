import type { Clock } from '../../foundation/clock.ts';
import { asStationError } from '../../foundation/faults.ts';

/** Between two power-ups of one station, ms. Several modules at once ask for amperes (production reference §8). */
export const powerUpGapMs = 75;

/**
 * The power-ups of a station, one after the other: who asked first is first. Who gives up makes room, and while
 * nobody waits there is no timer.
 */
export class PowerTurns {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #freeAtMs = -Infinity;
  #cancelTimer: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls `powerUp` in its turn, at least `powerUpGapMs` after the one before, and never after the signal has aborted.
   * One that throws has had its turn: the line may have switched all the same.
   *
   * @throws the signal's reason, what `powerUp` throws as a StationError
   */
  take(powerUp: () => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const serve = (): void => {
        signal.removeEventListener('abort', giveUp);
        try {
          powerUp();
          resolve();
        } catch (error) {
          reject(asStationError(error));
        }
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(serve), 1);
        this.#serve();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(serve);
      this.#serve();
    });
  }

  /** Serves the first when it may be served now, else sets the timer for it. */
  #serve(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => undefined;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#freeAtMs) {
      // A timer may fire a little early; then the rest is waited for.
      this.#cancelTimer = this.#clock.after(this.#freeAtMs - nowMs, () => this.#serve());
      return;
    }
    this.#waiting.shift();
    // For who asks in the call that feeds.
    this.#freeAtMs = nowMs + powerUpGapMs;
    first();
    // The line may have switched as late as this.
    this.#freeAtMs = this.#clock.monotonic() + powerUpGapMs;
    this.#serve();
  }
}
