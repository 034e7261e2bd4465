import type { Clock } from '../../foundation/clock.ts';
import { StationError } from '../../foundation/faults.ts';
import type { OutputLine } from '../../gpio/line.ts';
import type { StrapGuard } from './strap-guard.ts';
import type { ModuleSupply } from './module-supply.ts';
import type { PowerTurns } from './power-turns.ts';

/** After power-off the supply takes 100 to 500 ms to be really down (GPIO reference §7), ms. */
export const powerDownMs = 300;
/** From power-on until the straps may be driven, ms: the regulator and the module have come up. */
export const powerSettleMs = 50;

export interface SwitchedSupplyParts {
  /** Active: the module is fed. It has just been opened, which made it inactive. */
  readonly power: OutputLine;
  readonly straps: StrapGuard;
  readonly clock: Clock;
  /** Shared by all nests of the station. */
  readonly turns: PowerTurns;
  /** Told of each line that does not obey when the supply goes: a verdict does not depend on it. */
  readonly failed: (error: unknown) => void;
}

/** The supply of a nest with a power line: on only during a session, and its straps driven only while it is on. */
export class SwitchedSupply implements ModuleSupply {
  /** `off` takes the supply away: there is nobody left to leave in order. */
  readonly needsLeaving = false;
  readonly #parts: SwitchedSupplyParts;
  /** It may be: a line that refused to go off counts as on. */
  #isOn = false;
  #isCut = false;
  #offAtMs: number;

  constructor(parts: SwitchedSupplyParts) {
    this.#parts = parts;
    this.#offAtMs = parts.clock.monotonic();
  }

  async on(signal: AbortSignal): Promise<void> {
    const { clock, turns, straps } = this.#parts;
    signal.throwIfAborted();
    this.#isCut = false;
    await this.#down(signal);
    await turns.take(() => this.#powerUp(), signal);
    await clock.sleep(powerSettleMs, signal);
    this.#mustNotBeCut();
    straps.allow();
  }

  off(): void {
    this.#powerDown();
    this.#isCut = false;
  }

  cut(): void {
    this.#isCut = true;
    this.#powerDown();
  }

  /** Resolves when the supply has been off for long enough. */
  async #down(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const leftMs = (): number => this.#offAtMs + powerDownMs - clock.monotonic();
    // A timer may fire a little early; then the rest is waited for.
    for (let ms = leftMs(); ms > 0; ms = leftMs()) await clock.sleep(ms, signal);
  }

  #powerUp(): void {
    this.#mustNotBeCut();
    // Before the line is told: one that refuses may have switched all the same.
    this.#isOn = true;
    this.#parts.power.set(true);
  }

  #mustNotBeCut(): void {
    if (this.#isCut) throw new StationError('O01', 'The supply of the nest was cut.');
  }

  #powerDown(): void {
    const { straps, power, clock, failed } = this.#parts;
    for (const error of straps.block()) failed(error);
    if (!this.#isOn) return;
    try {
      power.set(false);
      this.#isOn = false;
    } catch (error) {
      failed(error);
    }
    this.#offAtMs = clock.monotonic();
  }
}
