import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import type { RecentRun, RunTrace } from '../ledger/runs/recent-runs.ts';
import type { NestLocks } from '../nest/nest-locks.ts';
import type { StandingDecisions } from '../nest/standing.ts';
import type { Place } from '../nest/station-actions.ts';
import { LockRules } from './lock-rules.ts';

/** Runs with a higher position were recorded after it. */
interface Unlocking {
  readonly place: Place;
  readonly position: number;
}

/** Locks what the rules say. */
export class LockKeeper {
  readonly #rules: LockRules;
  readonly #nests: readonly number[];

  constructor(limits: Pick<AlarmLimits, 'nestFails' | 'stationFails'>, nests: readonly number[]) {
    this.#rules = new LockRules(limits, nests);
    this.#nests = nests;
  }

  /**
   * Learns what the last runs say: a station that was killed between a result and its lock locks at its next start.
   * @param runs of all nests, in the order of recording
   * @throws StationError S01
   */
  learn(runs: readonly RecentRun[], standing: StandingDecisions): void {
    const unlockings = standing
      .of('unlock')
      .map(({ key, position }): Unlocking => ({ position, place: key === 'station' ? key : Number(key) }))
      .filter(({ place }) => place === 'station' || this.#nests.includes(place))
      .toSorted((one, other) => one.position - other.position);
    for (const run of runs) {
      for (let next = unlockings[0]; next !== undefined && next.position < run.position; next = unlockings[0]) {
        this.unlocked(next.place);
        unlockings.shift();
      }
      this.#rules.take(run);
    }
    for (const { place } of unlockings) this.unlocked(place);
  }

  take(run: RunTrace): void {
    this.#rules.take(run);
  }

  unlocked(place: Place): void {
    this.#rules.unlocked(place);
  }

  /** Locks what has to be locked and is not, or only because somebody has said so. */
  lock(locks: Pick<NestLocks, 'isLockedByRule' | 'lockByRule'>): void {
    for (const { place, fault } of this.#rules.demands()) {
      if (!locks.isLockedByRule(place)) locks.lockByRule(place, fault);
    }
  }
}
