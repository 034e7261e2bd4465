import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { RunTrace } from '../ledger/runs/recent-runs.ts';

/** What a rule has found wrong. */
export interface Finding {
  /** null: the station as a whole. */
  readonly nest: number | null;
  /** null: no code says it. */
  readonly code: FaultCode | null;
  /** One plain sentence with the figures. */
  readonly detail: string;
  /** What it is about, where that can change while the code stays: another thing is another alarm. */
  readonly about?: string;
  /** Wall-clock ms at which it began; left out: now. */
  readonly since?: number;
}

/** What a rule says about one alarm; null: nothing is wrong any more. */
export type Verdict = readonly [slug: AlarmSlug, finding: Finding | null];

/** Whether an alarm lasts at present: some end later than they begin, so that they do not flap. */
export type Lasts = (slug: AlarmSlug) => boolean;

/** A rule over the runs in production, each taken once in the order of recording. It keeps what it needs in memory. */
export interface RunRule {
  take(run: RunTrace): void;
  verdicts(lasts: Lasts): Verdict[];
}

/** An alarm that began above a limit ends when the figure is below so much of it. */
const endsBelow = 0.8;

/** The limit that a figure has to exceed, for an alarm to begin or to last. */
export function limitNow(limit: number, lasts: boolean): number {
  return lasts ? limit * endsBelow : limit;
}

export function isCountable({ outcome }: RunTrace): boolean {
  return outcome === 'PASS' || outcome === 'FAIL';
}

/** A share of 0 … 1 as people read it. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
