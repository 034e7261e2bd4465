import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { StationEvent } from './station-event.ts';

/** What the emergency stop does to a nest; `Nest` has it. */
export interface HaltedNest {
  halt(fault: StationError): void;
  unblock(reason: 'estop'): void;
}

export interface EmergencyStopParts {
  readonly nests: readonly HaltedNest[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/**
 * Watches the emergency stop of the jig. The stop itself belongs to hardware that takes the power away; here every
 * nest is halted, and works again only after the switch was released and somebody has pressed a start button, which
 * starts nothing (production reference §1).
 */
export class EmergencyStop {
  readonly #parts: EmergencyStopParts;
  #pressed = false;
  /** Wall-clock ms since when the nests are halted; null: they are not. */
  #since: number | null = null;

  constructor(parts: EmergencyStopParts) {
    this.#parts = parts;
  }

  /** The debounced level of the switch, true when it is pressed. */
  level(pressed: boolean): void {
    this.#pressed = pressed;
    if (pressed) this.#halt('The emergency stop is pressed.');
    else if (this.#since !== null) this.#tellAlarm(true, releasedDetail, this.#since);
  }

  /** The switch cannot be read any more: nobody knows whether it is pressed. */
  unreadable(): void {
    this.#pressed = true;
    this.#halt('The line of the emergency stop cannot be read.');
  }

  /** A start button was pressed. False: the stop is still pressed, so that nothing changes. */
  acknowledge(): boolean {
    if (this.#pressed) return false;
    if (this.#since === null) return true;
    const since = this.#since;
    this.#since = null;
    const detail = 'The emergency stop was acknowledged.';
    this.#parts.log.warn({ event: 'estop-acknowledged' }, detail);
    this.#notice('estop-acknowledged', detail);
    this.#tellAlarm(false, detail, since);
    for (const nest of this.#parts.nests) nest.unblock('estop');
    return true;
  }

  #halt(detail: string): void {
    const { nests, clock, log } = this.#parts;
    // First the nests: whatever is told may wait.
    for (const nest of nests) nest.halt(new StationError('O01', detail));
    if (this.#since === null) {
      this.#since = clock.now();
      log.error({ event: 'estop-pressed' }, detail);
      this.#notice('estop-pressed', detail);
    }
    this.#tellAlarm(true, detail, this.#since);
  }

  #notice(kind: 'estop-pressed' | 'estop-acknowledged', detail: string): void {
    const { tell, clock } = this.#parts;
    tell({ kind: 'notice', notice: { kind, nest: null, code: 'O01', detail, at: clock.now() } });
  }

  #tellAlarm(active: boolean, detail: string, since: number): void {
    this.#parts.tell({ kind: 'alarm', alarm: { slug: 'estop', active, nest: null, code: 'O01', detail, since } });
  }
}

const releasedDetail = 'The emergency stop was released; press a start button to go on.';
