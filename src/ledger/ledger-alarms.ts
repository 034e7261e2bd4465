import type { Clock } from '../foundation/clock.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { StandingDecisions } from '../nest/standing.ts';
import type { Alarm, StationEvent } from '../nest/station-event.ts';

export type LedgerAlarmSlug = Extract<Alarm['slug'], 'ledger' | 'storage' | 'backup' | 'result-not-saved'>;

const codes: Readonly<Record<LedgerAlarmSlug, FaultCode>> = {
  ledger: 'S01',
  storage: 'S02',
  backup: 'S01',
  'result-not-saved': 'S01',
};

/** The alarms about the ledger. Those of the time before anybody listens are kept for `start`. */
export class LedgerAlarms {
  readonly #tell: (event: StationEvent) => void;
  readonly #clock: Clock;
  readonly #active = new Map<LedgerAlarmSlug, Alarm>();
  #started = false;

  constructor(tell: (event: StationEvent) => void, clock: Clock) {
    this.#tell = tell;
    this.#clock = clock;
  }

  /**
   * @param detail what is wrong; null: nothing is any more
   * @param since wall-clock ms; left out: now
   */
  set(slug: LedgerAlarmSlug, detail: string | null, since = this.#clock.now()): void {
    const known = this.#active.get(slug);
    if (detail === null) {
      if (known === undefined) return;
      this.#active.delete(slug);
      this.#publish({ ...known, active: false });
      return;
    }
    // Its beginning is told once; a number that changes in the words is no new alarm.
    if (known !== undefined) return;
    const alarm: Alarm = { slug, active: true, nest: null, code: codes[slug], detail, since };
    this.#active.set(slug, alarm);
    this.#publish(alarm);
  }

  /** Somebody has seen what was found wrong with the ledger. False when there is nothing to see. @throws StationError S01, S02 */
  acknowledge(standing: StandingDecisions, who: string): boolean {
    if (!standing.end('alarm', 'ledger', who)) return false;
    this.set('ledger', null);
    return true;
  }

  /** From now on there are listeners. */
  start(): void {
    this.#started = true;
    for (const alarm of this.#active.values()) this.#publish(alarm);
  }

  #publish(alarm: Alarm): void {
    if (this.#started) this.#tell({ kind: 'alarm', alarm });
  }
}
