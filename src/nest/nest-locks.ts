import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { BlockReason } from './nest-blocks.ts';
import type { StandingDecisions } from './standing.ts';
import type { Place } from './station-actions.ts';
import type { Alarm, StationEvent } from './station-event.ts';

/** A place that takes no start. */
export interface PlaceLock {
  readonly place: Place;
  /** The code of the cause. */
  readonly code: string;
  readonly detail: string;
  /** Wall-clock ms. */
  readonly since: number;
  /** `station`: a rule. */
  readonly who: string;
  /** false: the storage has refused it, and it holds until the station stops. */
  readonly saved: boolean;
}

/** What a lock does to a nest; `Nest` has it. */
export interface LockableNest {
  readonly number: number;
  block(reason: BlockReason, fault: StationError): void;
  unblock(reason: BlockReason): void;
}

export interface NestLocksParts {
  readonly nests: readonly LockableNest[];
  readonly standing: StandingDecisions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
  /** What failed there before is to lock it no more. */
  readonly onUnlocked: (place: Place) => void;
}

/**
 * Nests, or the station as a whole, that take no start until somebody unlocks them, also over a restart (S07). A run
 * under way goes on to its end.
 */
export class NestLocks {
  readonly #parts: NestLocksParts;
  readonly #locked = new Map<Place, { readonly lock: PlaceLock; readonly alarm: Alarm }>();

  constructor(parts: NestLocksParts) {
    this.#parts = parts;
  }

  isLocked(place: Place): boolean {
    return this.#locked.has(place);
  }

  /** A rule has locked it; a person may have done so before or since. */
  isLockedByRule(place: Place): boolean {
    const { who } = this.#locked.get(place)?.lock ?? {};
    return who === rule;
  }

  /** What holds, also what could not be saved. */
  all(): PlaceLock[] {
    return [...this.#locked.values()].map(({ lock }) => lock);
  }

  /** Applies the locks that stand. To be called before the nests listen. @throws StationError S01 */
  restore(): void {
    const { standing, nests } = this.#parts;
    for (const { key, value: code, detail: why, at, who } of standing.of('lock')) {
      const place = key === 'station' ? key : Number(key);
      // A nest that has been taken out of the station file keeps its lock until it is back.
      if (place !== 'station' && !nests.some(({ number }) => number === place)) continue;
      const detail = why ?? 'It was locked before the station was started.';
      this.#apply({ place, code, detail, since: Date.parse(at), who, saved: true });
    }
  }

  /**
   * Locks a place: on disk first. The cause of a rule replaces what a person has said, and never the other way round.
   * @param fault the code of the cause, and why, one plain sentence
   * @param who `station` for a rule of the station, else who gave the command
   * @returns the lock that holds; that of a rule where a person has locked on top of it
   * @throws StationError S01, S02 when it cannot be saved; nothing has changed then
   * @throws Error when there is no such nest
   */
  lock(place: Place, fault: StationError, who: string): PlaceLock {
    const { standing, clock } = this.#parts;
    const { code, detail } = fault;
    this.#nestsOf(place);
    const before = this.#locked.get(place)?.lock;
    if (before?.who === rule && who !== rule) return before;
    standing.set({ kind: 'lock', key: String(place), value: code, detail, who });
    return this.#apply({ place, code, detail, since: clock.now(), who, saved: true });
  }

  /**
   * The same for a rule of the station, and in any case: a lock that cannot be saved holds until the station stops, and
   * the next start finds the same runs.
   */
  lockByRule(place: Place, fault: StationError): void {
    try {
      this.lock(place, fault, rule);
    } catch (error) {
      this.#parts.log.error({ event: 'lock-not-saved', place, err: error });
      const { code, detail } = fault;
      this.#apply({ place, code, detail, since: this.#parts.clock.now(), who: rule, saved: false });
    }
  }

  /**
   * Nothing that failed there before counts towards a lock any more.
   * @returns false when it is not locked
   * @throws StationError S01, S02 when it cannot be saved; it stays locked then
   */
  unlock(place: Place, who: string): boolean {
    const { standing, log, tell, onUnlocked } = this.#parts;
    const { alarm } = this.#locked.get(place) ?? {};
    if (alarm === undefined) return false;
    const key = String(place);
    // First the position from which failures count again: what is left of a power cut between the two is a lock.
    standing.set({ kind: 'unlock', key, value: 'S07', detail: alarm.detail, who });
    standing.end('lock', key, who);
    this.#locked.delete(place);
    onUnlocked(place);
    for (const nest of this.#nestsOf(place)) nest.unblock(reasonOf(place));
    log.warn({ event: 'unlocked', place, who });
    tell({ kind: 'alarm', alarm: { ...alarm, active: false, detail: `Unlocked by ${who}.` } });
    return true;
  }

  #apply(lock: PlaceLock): PlaceLock {
    const { log, tell } = this.#parts;
    const { place, detail, since } = lock;
    const fault = new StationError('S07', detail);
    const nest = place === 'station' ? null : place;
    const slug = place === 'station' ? 'station-locked' : (`nest-locked-${place}` as const);
    const alarm: Alarm = { slug, active: true, nest, code: fault.code, detail, since };
    this.#locked.set(place, { lock, alarm });
    for (const each of this.#nestsOf(place)) each.block(reasonOf(place), fault);
    log.error({ event: 'locked', place, code: fault.code }, fault.message);
    tell({ kind: 'alarm', alarm });
    return lock;
  }

  #nestsOf(place: Place): readonly LockableNest[] {
    const { nests } = this.#parts;
    if (place === 'station') return nests;
    const nest = nests.find(({ number }) => number === place);
    if (nest === undefined) throw new Error(`There is no nest ${place}.`);
    return [nest];
  }
}

/** Who locks, where no person does. */
const rule = 'station';

function reasonOf(place: Place): BlockReason {
  return place === 'station' ? 'station-locked' : 'locked';
}
