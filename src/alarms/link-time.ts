import type { RunTrace } from '../ledger/runs/recent-runs.ts';
import { limitNow } from './rule.ts';
import type { Lasts, RunRule, Verdict } from './rule.ts';
import { SlidingWindow } from './sliding-window.ts';

const lastPasses = 20;
const passesBefore = 200;
/** Fewer say nothing about the spread. */
const leastBefore = 50;
/** A series that hardly spreads must not alarm on nothing: less than this share of its mean is no spread, nor this, ms. */
const leastShare = 0.01;
const leastMs = 5;

/** What is measured: its alarm, how people call it, and where it is in the record. */
const measures = {
  'connect-time': { name: 'connect', msOf: ({ ms_connect: ms }: RunTrace) => ms },
  'write-time': {
    name: 'write',
    // What is skipped takes no time.
    msOf: ({ ms_write: ms, bytes_skipped: skipped }: RunTrace) => ((skipped ?? 0) === 0 ? ms : null),
  },
} as const;

interface Series {
  jobHash: string | null;
  readonly ms: SlidingWindow;
}

/**
 * The mean time to connect or to write over the last passes of each nest, against the passes before them under the same
 * job. Only of passes without repeats, which take their own time.
 */
export class LinkTime implements RunRule {
  readonly #slug: keyof typeof measures;
  readonly #deviations: number;
  readonly #series: ReadonlyMap<number, Series>;

  /** @param deviations more than so many standard deviations of the passes before */
  constructor(slug: keyof typeof measures, deviations: number, nests: readonly number[]) {
    this.#slug = slug;
    this.#deviations = deviations;
    this.#series = new Map(
      nests.map((nest) => [nest, { jobHash: null, ms: new SlidingWindow(lastPasses + passesBefore) }]),
    );
  }

  take(run: RunTrace): void {
    const series = run.nest === null ? undefined : this.#series.get(run.nest);
    const ms = measures[this.#slug].msOf(run);
    if (series === undefined || ms === null) return;
    if (run.outcome !== 'PASS' || run.retries > 0 || run.marginal === 1) return;
    if (run.job_hash !== series.jobHash) series.ms.clear();
    series.jobHash = run.job_hash;
    series.ms.push(ms);
  }

  verdicts(lasts: Lasts): Verdict[] {
    return [...this.#series].map(([nest, { ms }]) => {
      const slug = `${this.#slug}-${nest}` as const;
      const before = ms.values.slice(0, -lastPasses);
      const last = ms.values.slice(-lastPasses);
      if (before.length < leastBefore) return [slug, null];
      const usual = meanOf(before);
      const now = meanOf(last);
      const deviation = Math.max(deviationOf(before, usual), leastShare * usual, leastMs);
      if (Math.abs(now - usual) <= limitNow(this.#deviations, lasts(slug)) * deviation) return [slug, null];
      const detail = `Nest ${nest} took ${inMs(now)} to ${measures[this.#slug].name} in its last ${last.length} passes, ${inMs(usual)} in the ${before.length} before them; their standard deviation is ${inMs(deviation)}.`;
      return [slug, { nest, code: null, detail }];
    });
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[], mean: number): number {
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

function inMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}
