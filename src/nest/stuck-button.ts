import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { StationEvent } from './station-event.ts';

/** A result is to be seen for so long, ms, before a button that is held hides it. */
const resultStaysMs = 2_000;

export interface StuckButtonParts {
  readonly number: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/** What is told of a stuck button, once for each time that it is stuck, and whether it may block the nest yet. */
export class StuckButton {
  readonly #parts: StuckButtonParts;
  /** Wall-clock ms since when it is stuck; null: it is not. */
  #since: number | null = null;
  #resultAtMs = -Infinity;

  constructor(parts: StuckButtonParts) {
    this.#parts = parts;
  }

  tell(): void {
    if (this.#since !== null) return;
    const { number, clock, log, tell } = this.#parts;
    const { code, detail, message } = stuckFault();
    this.#since = clock.now();
    log.error({ event: 'button-stuck', nest: number, code }, message);
    tell({ kind: 'notice', notice: { kind: 'button-stuck', nest: number, code, detail, at: this.#since } });
    this.#alarm(true, this.#since);
  }

  end(): void {
    if (this.#since === null) return;
    this.#alarm(false, this.#since);
    this.#since = null;
  }

  /** A run has ended, and the lamps say how. */
  resultShown(): void {
    this.#resultAtMs = this.#parts.clock.monotonic();
  }

  /**
   * A hand that leans on the button sees the result first. But a lamp that stays green over a button which starts
   * nothing would be taken for the verdict on the next module.
   */
  mayHideResult(): boolean {
    return this.#parts.clock.monotonic() - this.#resultAtMs >= resultStaysMs;
  }

  #alarm(active: boolean, since: number): void {
    const { number, tell } = this.#parts;
    const { code, detail } = stuckFault();
    const slug = `button-stuck-${number}` as const;
    tell({ kind: 'alarm', alarm: { slug, active, nest: number, code, detail, since } });
  }
}

export function stuckFault(): StationError {
  return new StationError('O04');
}
