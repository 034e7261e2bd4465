/** Who acts on a failure: contact or fixture, device, job, operator, station. */
export type Attribution = 'C' | 'D' | 'J' | 'O' | 'S';

/** A: the station retries inside the run. R: re-seat and press again. Q: quarantine. S: stop nest or station. */
export type RetryPolicy = 'A' | 'R' | 'Q' | 'S';

/** What the run becomes when this is its primary code; BLOCKED means that there was no run. */
export type FaultOutcome = 'FAIL' | 'ERROR' | 'ABORTED' | 'BLOCKED';

/** One row of the table of failure codes. Codes are never renumbered or reused. */
export interface FaultKind {
  /** Stable upper-case name, published as `code_name`. */
  readonly name: string;
  readonly outcome: FaultOutcome;
  readonly attribution: Attribution;
  readonly retry: readonly RetryPolicy[];
  /** What the operator reads: at most five words, a dash, one action. */
  readonly operator: string;
  readonly cause: string;
  /** The engineer's next step. */
  readonly action: string;
}
