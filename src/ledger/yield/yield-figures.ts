import { wilson } from './wilson.ts';
import type { Rate } from './wilson.ts';

/**
 * What is counted. Every given value must match, none given is everything. A unit belongs where its first countable run
 * ever was, a run where it was itself (production reference §5.2).
 */
export interface YieldScope {
  /** The end of the run on the corrected clock, ms since 1970; from this on. */
  readonly fromMs?: number;
  /** Before this. */
  readonly toMs?: number;
  readonly lot?: string;
  readonly nest?: number;
  readonly operation?: string;
  readonly job?: string;
}

export type YieldPeriod = YieldScope & { readonly fromMs: number; readonly toMs: number };

/** What a breakdown may be by, with the type of its keys. */
export interface YieldKeys {
  readonly nest: number;
  readonly lot: string;
  readonly job: string;
  readonly operation: string;
}
export type YieldKey = keyof YieldKeys;

/** The phases of a run in their order. */
export const yieldPhases = ['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot'] as const;
export type YieldPhase = (typeof yieldPhases)[number];

/** `part` of `whole`, with the Wilson 95 % interval; no rate where there is nothing to count. */
export interface Proportion {
  readonly part: number;
  readonly whole: number;
  readonly rate: Rate | null;
}

/** The units of a scope, counted. */
export type UnitCounts = Readonly<
  Record<
    | 'units'
    | 'firstPassed'
    | 'passedBy2'
    | 'passedBy3'
    | 'lastPassed'
    | 'retested'
    | 'foundGood'
    | 'failedNotDevice'
    | 'inferred'
    | 'unidentified'
    | `entered_${YieldPhase}`
    | `failed_${YieldPhase}`,
    number
  >
>;

/** The runs of a scope in production, counted. */
export type RunCounts = Readonly<Record<'passed' | 'failed' | 'errors' | 'aborted' | 'marginal', number>>;

/** The figures of production reference §5.2, over units unless it says runs. */
export interface YieldFigures {
  /** Which first pass is meant: that of the first countable run ever under the operation, not of the day. */
  readonly fpyDef: 'first_ever';
  readonly units: number;
  /** Passed on attempt 1. */
  readonly fpy: Proportion;
  /** Passed by attempt 1, 2, 3. */
  readonly passedBy: readonly [Proportion, Proportion, Proportion];
  /** The last countable run, a reflash included, is a PASS. */
  readonly finalYield: Proportion;
  /** Units that count as good now: the part of `finalYield`. */
  readonly good: number;
  /** Two attempts or more. */
  readonly retest: Proportion;
  /** No trouble found: of those that failed first, the ones that passed later. */
  readonly ntf: Proportion;
  /** First-pass yield without the units whose attempt 1 failed for contact, job, operator or station. */
  readonly dutOnlyFpy: Proportion;
  /** Of the units that entered the phase on attempt 1, those that it did not stop. */
  readonly phaseFpy: Readonly<Record<YieldPhase, Proportion>>;
  /** Units whose attempt 1 was a run without identity that was adopted since. */
  readonly inferred: Proportion;
  /** Units that have never been identified. */
  readonly unidentified: number;
  /** PASS runs of the countable runs. */
  readonly runYield: Proportion;
  /** Of the PASS runs, those that needed repeats inside the run. */
  readonly marginal: Proportion;
  /** Runs that ended as ERROR and as ABORTED: in no yield. */
  readonly errors: number;
  readonly aborted: number;
}

/** One code of a Pareto. Shares are of all failures, 0 … 1. */
export interface ParetoBar {
  readonly code: string;
  readonly count: number;
  readonly share: number;
  /** Of this code and those before it. */
  readonly cumulative: number;
}

/** The figures of a part of a scope, such as of one nest; `key` is null where the record does not say. */
export interface YieldPart<Key extends string | number> {
  readonly key: Key | null;
  readonly figures: YieldFigures;
}

/** The run yield of one hour, from `fromMs` on. */
export interface HourlyYield {
  readonly fromMs: number;
  readonly runYield: Proportion;
}

export const noUnits: UnitCounts = {
  ...{ units: 0, firstPassed: 0, passedBy2: 0, passedBy3: 0, lastPassed: 0, retested: 0, foundGood: 0 },
  ...{ failedNotDevice: 0, inferred: 0, unidentified: 0 },
  ...{ entered_connect: 0, entered_identify: 0, entered_loader: 0, entered_erase: 0, entered_write: 0 },
  ...{ entered_verify: 0, entered_boot: 0, failed_connect: 0, failed_identify: 0, failed_loader: 0 },
  ...{ failed_erase: 0, failed_write: 0, failed_verify: 0, failed_boot: 0 },
};

export const noRuns: RunCounts = { passed: 0, failed: 0, errors: 0, aborted: 0, marginal: 0 };

export function proportion(part: number, whole: number): Proportion {
  return { part, whole, rate: wilson(part, whole) };
}

export function yieldFigures(units: UnitCounts, runs: RunCounts): YieldFigures {
  const ofUnits = (part: number): Proportion => proportion(part, units.units);
  const phase = (name: YieldPhase): Proportion =>
    proportion(units[`entered_${name}`] - units[`failed_${name}`], units[`entered_${name}`]);
  return {
    fpyDef: 'first_ever',
    units: units.units,
    fpy: ofUnits(units.firstPassed),
    passedBy: [ofUnits(units.firstPassed), ofUnits(units.passedBy2), ofUnits(units.passedBy3)],
    finalYield: ofUnits(units.lastPassed),
    good: units.lastPassed,
    retest: ofUnits(units.retested),
    ntf: proportion(units.foundGood, units.units - units.firstPassed),
    dutOnlyFpy: proportion(units.firstPassed, units.units - units.failedNotDevice),
    phaseFpy: {
      connect: phase('connect'),
      identify: phase('identify'),
      loader: phase('loader'),
      erase: phase('erase'),
      write: phase('write'),
      verify: phase('verify'),
      boot: phase('boot'),
    },
    inferred: ofUnits(units.inferred),
    unidentified: units.unidentified,
    runYield: proportion(runs.passed, runs.passed + runs.failed),
    marginal: proportion(runs.marginal, runs.passed),
    errors: runs.errors,
    aborted: runs.aborted,
  };
}

/** The bars of codes that were counted, the longest first. */
export function paretoOf(counts: readonly { readonly code: string; readonly count: number }[]): ParetoBar[] {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const ordered = counts.toSorted((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
  let before = 0;
  return ordered.map(({ code, count }) => {
    before += count;
    return { code, count, share: count / total, cumulative: before / total };
  });
}
