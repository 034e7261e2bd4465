import { limitNow } from './rule.ts';
import type { Lasts, RunRule, Verdict } from './rule.ts';
import { SlidingWindow } from './sliding-window.ts';

const lastRuns = 100;
const leastRuns = 20;

/** Starts that were refused, for each 100 runs: people fight the machine. No ledger has them; each start begins at none. */
export class BlockedStarts implements RunRule {
  readonly #most: number;
  /** Those before each run, after the run before it. */
  readonly #before = new SlidingWindow(lastRuns);
  #since = 0;

  /** @param most refused starts for each 100 runs */
  constructor(most: number) {
    this.#most = most;
  }

  refused(): void {
    this.#since += 1;
  }

  take(): void {
    this.#before.push(this.#since);
    this.#since = 0;
  }

  verdicts(lasts: Lasts): Verdict[] {
    const slug = 'blocked-starts';
    const runs = this.#before.length;
    const refused = this.#before.sum + this.#since;
    if (runs < leastRuns || (refused * 100) / runs <= limitNow(this.#most, lasts(slug))) return [[slug, null]];
    return [[slug, { nest: null, code: null, detail: `${refused} starts were refused over the last ${runs} runs.` }]];
  }
}
