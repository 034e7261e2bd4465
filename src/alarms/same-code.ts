import { isFaultCode } from '../foundation/faults.ts';
import type { FaultCode } from '../foundation/faults.ts';
import type { RunTrace } from '../ledger/runs/recent-runs.ts';
import { limitNow } from './rule.ts';
import type { Lasts, RunRule, Verdict } from './rule.ts';

const lastRuns = 20;

/** The same code on many of the last runs of all nests: the lot of the supplier, or the job. */
export class SameCode implements RunRule {
  readonly #least: number;
  readonly #codes: (FaultCode | null)[] = [];
  /** What was found last; null: nothing. */
  #found: FaultCode | null = null;

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
    const found = this.#mostFrequent(lasts('same-code') ? this.#found : null);
    this.#found = found?.code ?? null;
    if (found === null) return [['same-code', null]];
    const { code, count } = found;
    const detail = `${count} of the last ${this.#codes.length} runs of all nests ended with ${code}.`;
    return [['same-code', { nest: null, code, detail }]];
  }

  /**
   * The one that was found before gives way only to one that is clearly more frequent, and as frequent as a new alarm
   * takes: an alarm must not swing.
   */
  #mostFrequent(lasting: FaultCode | null): { readonly code: FaultCode; readonly count: number } | null {
    const counts = new Map<FaultCode, number>();
    for (const code of this.#codes) if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
    const frequent = [...counts]
      .map(([code, count]) => ({ code, count }))
      .filter(({ code, count }) => count >= limitNow(this.#least, code === lasting))
      .toSorted((one, other) => other.count - one.count);
    const [first = null] = frequent;
    const before = frequent.find(({ code }) => code === this.#found);
    return before !== undefined && first !== null && before.count >= limitNow(first.count, true) ? before : first;
  }
}
