import type { Clock } from '../../foundation/clock.ts';
import { asStationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { StandingDecisions } from '../standing.ts';

/** A MAC that more than one module has. */
export interface MacHold {
  readonly mac: string;
  /** What was seen. */
  readonly detail: string | null;
  /** Since when, UTC, RFC 3339. */
  readonly at: string;
  /** false: the storage has refused it so far; it is tried again, and a restart forgets it. */
  readonly saved: boolean;
}

/** The MACs on hold: on disk, and in memory as long as the storage refuses them. */
export class MacHolds {
  readonly #standing: () => StandingDecisions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #unsaved = new Map<string, MacHold>();

  /** @param standing may throw StationError S01 while the ledger is not open */
  constructor(standing: () => StandingDecisions, clock: Clock, log: Logger) {
    this.#standing = standing;
    this.#clock = clock;
    this.#log = log;
  }

  /** Never throws: what cannot be saved is held all the same. */
  hold(mac: string, detail: string): void {
    const at = new Date(this.#clock.now()).toISOString();
    // Before the write: no module with this MAC is to pass meanwhile.
    this.#unsaved.set(mac, { mac, detail, at, saved: false });
    this.saveAgain();
  }

  /** Tries again what the storage has refused. Never throws. */
  saveAgain(): void {
    for (const { mac, detail } of [...this.#unsaved.values()]) {
      try {
        this.#standing().set({ kind: 'hold', key: mac, value: 'D04', detail, who: 'station' });
        this.#unsaved.delete(mac);
      } catch (error) {
        this.#log.error({ event: 'hold-not-saved', mac }, asStationError(error).message);
      }
    }
  }

  /** Why a MAC is on hold that is not on disk; null: it is not. */
  unsavedOf(mac: string): string | null {
    return this.#unsaved.get(mac)?.detail ?? null;
  }

  /** A person has released the module, which is on disk. False when there was nothing in memory. */
  released(mac: string): boolean {
    return this.#unsaved.delete(mac);
  }

  /** @throws StationError S01 */
  all(): MacHold[] {
    const saved = this.#standing().of('hold');
    return [
      ...saved.map(({ key: mac, detail, at }) => ({ mac, detail, at, saved: true })),
      ...[...this.#unsaved.values()].filter(({ mac }) => !saved.some(({ key }) => key === mac)),
    ];
  }
}
