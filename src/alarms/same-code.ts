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

  /** @param least on so many of the last 20 runs */
  constructor(least: number) {
    this.#least = least;
  }

  take({ outcome, code }: RunTrace): void {
    if (outcome === 'ABORTED') return;
    this.#codes.push(code !== null && isFaultCode(code) ? code : null);
    if (this.#codes.length > lastRuns) this.#codes.shift();
  }

  verdicts(lasts: Lasts): Verdict[] {
    const found = this.#mostFrequent();
    if (found === null || found.count < limitNow(this.#least, lasts('same-code'))) return [['same-code', null]];
    const { code, count } = found;
    const detail = `${count} of the last ${this.#codes.length} runs of all nests ended with ${code}.`;
    return [['same-code', { nest: null, code, detail }]];
  }

  #mostFrequent(): { readonly code: FaultCode; readonly count: number } | null {
    const counts = new Map<FaultCode, number>();
    for (const code of this.#codes) if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
    const [first] = [...counts].toSorted(([, one], [, other]) => other - one);
    return first === undefined ? null : { code: first[0], count: first[1] };
  }
}
