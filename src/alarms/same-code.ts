import { isFaultCode } from '../foundation/faults.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { RunTrace } from '../ledger/recent-runs.ts';
import { limitNow } from './rule.ts';
import type { Lasts, RunRule, Verdict } from './rule.ts';

const lastRuns = 20;

/** The same code on many of the last runs of all nests: the lot of the supplier, or the job. */
export class SameCode implements RunRule {
  readonly #least: number;
  readonly #codes: (FaultCode | null)[] = [];
  /** Of the alarm that lasts. */
  #told: FaultCode | null = null;

  /** @param least on so many of the last 20 runs */
  constructor(least: number) {
    this.#least = least;
  }

  take({ outcome, code }: RunTrace): void {
    if (outcome === 'ABORTED') return;
    this.#codes.push(code !== null && isFaultCode(code) ? code : null);
    if (this.#codes.length > lastRuns) this.#codes.shift();
  }

  /** An alarm that lasts stays with its code until that is rare or another one is more frequent; for that it takes as many as for a new alarm. */
  verdicts(lasts: Lasts): Verdict[] {
    const counts = new Map<FaultCode, number>();
    for (const code of this.#codes) if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
    const last = lasts('same-code') ? this.#told : null;
    const often = [...counts].filter(([code, count]) => count >= limitNow(this.#least, code === last));
    const [found] = often.toSorted(([, one], [, other]) => other - one);
    this.#told = found?.[0] ?? null;
    if (found === undefined) return [['same-code', null]];
    const [code, count] = found;
    const detail = `${count} of the last ${this.#codes.length} runs of all nests ended with ${code}.`;
    return [['same-code', { nest: null, code, detail }]];
  }
}
