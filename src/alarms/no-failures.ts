import type { RunTrace } from '../ledger/runs/recent-runs.ts';
import type { RunRule, Verdict } from './rule.ts';

/** No failure for too long: nobody knows whether the station can still say no. */
export class NoFailures implements RunRule {
  readonly #most: number;
  #count = 0;

  /** @param most countable runs without a failure */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param count countable runs since the last failure of any mode */
  start(count: number): void {
    this.#count = count;
  }

  /** Of every mode: the limit sample that fails is what this waits for. */
  take({ mode, outcome }: Pick<RunTrace, 'mode' | 'outcome'>): void {
    if (outcome === 'FAIL') this.#count = 0;
    else if (outcome === 'PASS' && mode === 'production') this.#count += 1;
  }

  verdicts(): Verdict[] {
    if (this.#count <= this.#most) return [['no-failures', null]];
    const detail = `More than ${this.#most} runs without a failure: run a module that must fail, as a limit run.`;
    return [['no-failures', { nest: null, code: null, detail }]];
  }
}
