import type { Clock } from '../../foundation/clock.ts';
import type { StationError } from '../../foundation/faults.ts';
import type { ModuleIdentity, RunReport } from './outcome.ts';
import { RunNotes } from './run-notes.ts';

/** What is known of a run from its row. */
export interface OpenRow {
  readonly runId: string;
  /** Monotonic ms at its opening. */
  readonly openedMs: number;
  /** With commit 2; null: nothing has been written. */
  identity: ModuleIdentity | null;
}

/** The end of a run whose session cannot say how it ended, because the program itself failed. */
export function crashReport(fault: StationError, { openedMs, identity }: OpenRow, clock: Clock): RunReport {
  const report = new RunNotes(clock, () => undefined).report(fault);
  const totalMs = clock.monotonic() - openedMs;
  return { ...report, totalMs, identity: identity ?? {}, dirty: identity !== null, evidence: null };
}
