/** Who acts on a failure: contact or fixture, device, job, operator, station. */
export type Attribution = 'C' | 'D' | 'J' | 'O' | 'S';

/**
 * What may be done after a failure (production reference §4).
 *
 * - A: the station tries again inside the run.
 * - R: re-seat and press again, as often as the job allows. R once: at most one more time.
 * - Q: quarantine, no second try at this station.
 * - S nest, S station: no start there until somebody has unlocked it.
 * - S until mended: no start as long as the cause lasts; it goes on by itself.
 */
export type RetryPolicy = 'A' | 'R' | 'R once' | 'Q' | 'S nest' | 'S station' | 'S until mended';

/**
 * What becomes of a run or a start with this as its primary code. BLOCKED: there was no run. REFUSED: the module was
 * identified and left as it was; its row counts nowhere (design §8). EVENT: told, and nothing else.
 */
export type FaultOutcome = 'FAIL' | 'ERROR' | 'ABORTED' | 'BLOCKED' | 'REFUSED' | 'EVENT';

/** One row of the table of failure codes. Codes are never renumbered or reused. */
export interface FaultKind {
  /** Stable upper-case name, published as `code_name`. */
  readonly name: string;
  readonly outcome: FaultOutcome;
  readonly attribution: Attribution;
  readonly retry: readonly RetryPolicy[];
  readonly cause: string;
  /** The engineer's next step. */
  readonly action: string;
}
