import type { FaultCode } from '../../foundation/faults.ts';

/** Which module, and for what. */
export interface HistoryQuestion {
  /** Lower case with colons. */
  readonly mac: string;
  readonly operation: string;
  readonly product: string;
}

/** What the ledger knows of a module that has just been identified. */
export interface ModuleHistory {
  /** It has a PASS in production under the operation, no run since has written or failed, and nobody has erased it. */
  readonly passed: boolean;
  /**
   * Codes of its failed runs in production under the operation, the last one first: those in which it was identified,
   * since it was released last and since its last PASS.
   */
  readonly failures: readonly FaultCode[];
  /** The flash id that the last run with this MAC has read, over all operations, since it was released; null: none has. */
  readonly flashId: string | null;
  /** Why its MAC is on hold; null: it is not. */
  readonly hold: string | null;
  /** Flash parts that were accepted for the product. */
  readonly acceptedParts: readonly string[];
}

/** Where what is known of modules is asked for. */
export interface HistorySource {
  /** @throws StationError S01 */
  historyOf(question: HistoryQuestion): ModuleHistory;
}

/** How many runs have one MAC, over all operations. */
export interface RunsWithMac {
  readonly runs: number;
  readonly passed: number;
}

/** Of a module that nobody has seen, and where no record is kept. */
export const noHistory: ModuleHistory = { passed: false, failures: [], flashId: null, hold: null, acceptedParts: [] };
