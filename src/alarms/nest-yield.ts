import type { RunTrace } from '../ledger/runs/recent-runs.ts';
import { isCountable, limitNow, percent } from './rule.ts';
import type { Lasts, RunRule, Verdict } from './rule.ts';
import { SlidingWindow } from './sliding-window.ts';

const lastRuns = 200;
const leastRuns = 50;

/** The run yield of each nest over its last 200 countable runs, below that of the best nest: the fixture. */
export class NestYield implements RunRule {
  readonly #points: number;
  /** 1: a pass. */
  readonly #passes: ReadonlyMap<number, SlidingWindow>;

  /** @param points more than so many below the best */
  constructor(points: number, nests: readonly number[]) {
    this.#points = points;
    this.#passes = new Map(nests.map((nest) => [nest, new SlidingWindow(lastRuns)]));
  }

  take(run: RunTrace): void {
    if (run.nest !== null && isCountable(run)) this.#passes.get(run.nest)?.push(run.outcome === 'PASS' ? 1 : 0);
  }

  verdicts(lasts: Lasts): Verdict[] {
    const yields = new Map<number, number>();
    for (const [nest, { sum, length }] of this.#passes) if (length >= leastRuns) yields.set(nest, sum / length);
    const best = Math.max(...yields.values());
    return [...this.#passes].map(([nest, { length }]) => {
      const slug = `nest-yield-${nest}` as const;
      const own = yields.get(nest);
      // In hundredths of a point, so that three points are three points.
      const below = own === undefined ? 0 : Math.round((best - own) * 10_000) / 100;
      if (own === undefined || below <= limitNow(this.#points, lasts(slug))) return [slug, null];
      const detail = `Nest ${nest} passed ${percent(own)} of its last ${length} runs, the best nest ${percent(best)}.`;
      return [slug, { nest, code: null, detail }];
    });
  }
}
