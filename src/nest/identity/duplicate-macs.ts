import type { Clock } from '../../foundation/clock.ts';
import { asStationError, StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import { MacHolds } from './mac-holds.ts';
import type { MacHold } from './mac-holds.ts';
import { MacsInContact } from './macs-in-contact.ts';
import type { RunsWithMac } from './module-history.ts';
import type { StandingDecisions } from '../standing.ts';
import type { Alarm, StationEvent } from '../station-event.ts';

export interface DuplicateMacsParts {
  /** The record; `Ledger` has it. @throws StationError S01 */
  readonly record: () => {
    readonly standing: StandingDecisions;
    readonly modules: { runsWith(mac: string): RunsWithMac };
  };
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/** A nest has a module whose MAC belongs to another one: what is under way there ends, and no green stays. */
export type Disown = (fault: StationError) => void;

/**
 * MACs that more than one module has (production reference §5.4), over all nests of the station. On certain evidence
 * the MAC is put on hold, by which every later run of it is D04 until somebody releases it; what is only suspicious is
 * told.
 */
export class DuplicateMacs {
  readonly #parts: DuplicateMacsParts;
  readonly #contacts: MacsInContact;
  readonly #holds: MacHolds;
  readonly #nests = new Map<number, Disown>();
  #told: Alarm | null = null;

  constructor(parts: DuplicateMacsParts) {
    this.#parts = parts;
    this.#contacts = new MacsInContact(parts.clock);
    this.#holds = new MacHolds(() => parts.record().standing, parts.clock, parts.log);
  }

  join(nest: number, disown: Disown): void {
    this.#nests.set(nest, disown);
  }

  /** A run has identified its module. @param stays the nest has a sensor that tells when the module goes */
  met(nest: number, mac: string, stays: boolean): void {
    this.#contacts.meet(nest, mac, stays);
    const other = this.#contacts.passedElsewhere(nest);
    if (other !== null) {
      this.#notice(
        nest,
        `The MAC ${mac} passed on nest ${other} a moment ago and is on nest ${nest} now; look whether there are two modules.`,
      );
    }
    this.#judge(nest, mac);
  }

  /** The module of the run has answered. */
  heard(nest: number, mac: string): void {
    this.#contacts.hear(nest);
    this.#judge(nest, mac);
  }

  passed(nest: number, mac: string): void {
    this.#contacts.pass(nest, mac);
  }

  /** The module may be gone. */
  left(nest: number): void {
    this.#contacts.leave(nest);
  }

  /** There is certain evidence. Never throws: what is known is said, also when the hold cannot be kept. */
  hold(mac: string, nest: number, seen: string): void {
    const detail = `${seen}${this.#earlierText(mac)}`;
    this.#holds.hold(mac, detail);
    this.#notice(nest, detail);
    this.refresh();
  }

  /** Why a MAC is on hold where the storage has refused to keep that; null: it is not. */
  unsavedHold(mac: string): string | null {
    return this.#holds.unsavedOf(mac);
  }

  /** Tries again to keep what the storage has refused: before each run, and whenever it may work again. Never throws. */
  saveHolds(): void {
    this.#holds.saveAgain();
  }

  /** A person has released the module, which is on disk. False when only the disk may have held it. */
  released(mac: string): boolean {
    return this.#holds.released(mac);
  }

  /** What is on hold now. @throws StationError S01 */
  holds(): MacHold[] {
    return this.#holds.all();
  }

  /** A person may have released a MAC. */
  accept(event: StationEvent): void {
    if (event.kind === 'notice' && event.notice.kind === 'action') this.refresh();
  }

  /** Tells the alarm as the holds are now: after a start, and whenever a person has decided something. */
  refresh(): void {
    try {
      this.#tellAlarm();
    } catch (error) {
      this.#parts.log.error({ event: 'holds-not-read' }, asStationError(error).message);
    }
  }

  #judge(nest: number, mac: string): void {
    const nests = this.#contacts.takeShared(nest);
    if (nests.length === 0) return;
    const seen = `The MAC ${mac} answers on nest ${nests.join(' and on nest ')} at the same moment.`;
    for (const each of nests) this.#nests.get(each)?.(new StationError('D04', seen));
    this.hold(mac, nest, seen);
  }

  #tellAlarm(): void {
    const { tell } = this.#parts;
    const holds = this.#holds.all();
    const macs = holds.map(({ mac }) => mac);
    const [first] = holds;
    if (first === undefined) {
      if (this.#told !== null) tell({ kind: 'alarm', alarm: { ...this.#told, active: false } });
      this.#told = null;
      return;
    }
    const detail = `${macs.length === 1 ? 'A MAC is' : `${macs.length} MACs are`} on hold: ${shortList(macs)}.`;
    if (this.#told?.detail === detail) return;
    const since = this.#told?.since ?? Date.parse(first.at);
    this.#told = { slug: 'duplicate-mac', active: true, nest: null, code: 'D04', detail, since };
    tell({ kind: 'alarm', alarm: this.#told });
  }

  /** What the record knows besides; nothing where it cannot be read. */
  #earlierText(mac: string): string {
    try {
      return ` ${earlierText(this.#parts.record().modules.runsWith(mac))}`;
    } catch (error) {
      this.#parts.log.error({ event: 'history-not-read', mac }, asStationError(error).message);
      return '';
    }
  }

  #notice(nest: number, detail: string): void {
    const { clock, log, tell } = this.#parts;
    log.warn({ event: 'duplicate-mac', nest, code: 'D04' }, detail);
    tell({ kind: 'notice', notice: { kind: 'duplicate-mac', nest, code: 'D04', detail, at: clock.now() } });
  }
}

function earlierText({ runs, passed }: RunsWithMac): string {
  if (runs === 0) return 'No earlier run has it.';
  return `${runs === 1 ? 'One earlier run has' : `${runs} earlier runs have`} it, ${passed} passed.`;
}

const listedAtMost = 5;

function shortList(macs: readonly string[]): string {
  const more = macs.length - listedAtMost;
  return more <= 0 ? macs.join(', ') : `${macs.slice(0, listedAtMost).join(', ')} and ${more} more`;
}
