import { faultKind, isFaultCode, StationError } from '../foundation/faults.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import type { RunTrace } from '../ledger/runs/recent-runs.ts';
import type { Place } from '../nest/station-actions.ts';

/** A place that has to be locked, with the code of the cause and why. */
export interface LockDemand {
  readonly place: Place;
  readonly fault: StationError;
}

/** Failures in a row of these classes lock a nest (production reference §10); others say something of the modules. */
const lockingClasses = { C: 'of the contact', S: 'of the station' } as const;

/** What the last runs of one nest say: pure. */
class NestFailures {
  readonly #limit: number | null;
  #letter: keyof typeof lockingClasses | null = null;
  #inARow = 0;
  #last: FaultCode | null = null;
  /** A code whose policy stops the nest. */
  #stop: FaultCode | null = null;

  constructor(limit: number | null) {
    this.#limit = limit;
  }

  take({ outcome, code }: RunTrace): void {
    if (outcome === 'ABORTED') return;
    if (code === null || !isFaultCode(code)) {
      this.reset();
      return;
    }
    const letter = code.startsWith('C') ? 'C' : code.startsWith('S') ? 'S' : null;
    this.#inARow = letter === null ? 0 : letter === this.#letter ? this.#inARow + 1 : 1;
    this.#letter = letter;
    this.#last = code;
    if (faultKind(code).retry.includes('S nest')) this.#stop = code;
  }

  reset(): void {
    this.#letter = null;
    this.#inARow = 0;
    this.#last = null;
    this.#stop = null;
  }

  get demand(): StationError | null {
    if (this.#stop !== null) return stopped('nest', this.#stop);
    if (this.#limit === null || this.#letter === null || this.#last === null) return null;
    if (this.#inARow < this.#limit) return null;
    const kind = lockingClasses[this.#letter];
    return new StationError(
      this.#last,
      `There were ${this.#inARow} failures ${kind} in a row, the last one ${this.#last}.`,
    );
  }
}

/** What the last runs of all nests say: pure. */
class StationFailures {
  readonly #limit: number | null;
  #fails: { readonly nest: number | null; readonly code: FaultCode }[] = [];
  #stop: FaultCode | null = null;

  constructor(limit: number | null) {
    this.#limit = limit;
  }

  /** An ERROR is a fault of one nest or of the disk: it neither counts nor ends a row. */
  take({ nest, outcome, code }: RunTrace): void {
    if (outcome === 'PASS') this.reset();
    if (code === null || !isFaultCode(code)) return;
    if (faultKind(code).retry.includes('S station')) this.#stop = code;
    // More than any limit is not needed, and a row may be long.
    if (outcome === 'FAIL') this.#fails = [...this.#fails.slice(-100), { nest, code }];
  }

  /** A technician has been at the nest: what failed there is explained. */
  forget(nest: number): void {
    this.#fails = this.#fails.filter((fail) => fail.nest !== nest);
  }

  reset(): void {
    this.#fails = [];
    this.#stop = null;
  }

  get demand(): StationError | null {
    if (this.#stop !== null) return stopped('station', this.#stop);
    const last = this.#fails.at(-1);
    if (this.#limit === null || last === undefined || this.#fails.length < this.#limit) return null;
    return new StationError(
      last.code,
      `There were ${this.#fails.length} failures in a row, the last one ${last.code}.`,
    );
  }
}

/**
 * When failures lock a nest or the station. Only of production: a golden or a limit run says nothing of the modules. What
 * it knows is a function of the runs and the unlockings, so that it can be learnt again from the ledger.
 */
export class LockRules {
  readonly #nests: ReadonlyMap<number, NestFailures>;
  readonly #station: StationFailures;

  constructor({ nestFails, stationFails }: Pick<AlarmLimits, 'nestFails' | 'stationFails'>, nests: readonly number[]) {
    this.#nests = new Map(nests.map((nest) => [nest, new NestFailures(nestFails)]));
    this.#station = new StationFailures(stationFails);
  }

  /** Takes a run, in the order of recording. */
  take(run: RunTrace): void {
    if (run.mode !== 'production') return;
    const nest = this.#nests.get(run.nest ?? NaN);
    nest?.take(run);
    // Who has taken a nest out of the station file has explained its failures; its passes were good modules all the same.
    if (nest !== undefined || run.outcome === 'PASS') this.#station.take(run);
  }

  unlocked(place: Place): void {
    if (place === 'station') {
      this.#station.reset();
      return;
    }
    this.#nests.get(place)?.reset();
    this.#station.forget(place);
  }

  /** What has to be locked as things are, nests first. */
  demands(): LockDemand[] {
    const places: readonly (readonly [Place, NestFailures | StationFailures])[] = [
      ...this.#nests,
      ['station', this.#station],
    ];
    return places.flatMap(([place, { demand: fault }]) => (fault === null ? [] : [{ place, fault }]));
  }
}

function stopped(what: 'nest' | 'station', code: FaultCode): StationError {
  return new StationError(code, `A run ended with ${code} ${faultKind(code).name}, which stops the ${what}.`);
}
