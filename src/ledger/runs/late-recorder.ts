import { StationError } from '../../foundation/faults.ts';
import type { RunRecorder } from '../../nest/run/run-work.ts';
import type { RunResult } from '../../nest/run/run-result.ts';
import type { Ledger } from '../ledger.ts';
import { nextModeOf } from './samples.ts';

/** @param ledger null: it is not open yet, which is an S01 for who asks */
export function openedLedger(ledger: () => Ledger | null): () => Ledger {
  return () => {
    const found = ledger();
    if (found === null) throw new StationError('S01', 'The ledger is not open yet.');
    return found;
  };
}

/**
 * The ledger as the nests see it: opened after the lines are safe, and closing first what it could not save before.
 * @param ledger null: it is not open yet, which is an S01 for who asks
 * @param onClosed a run of before has got its result
 * @param onFailed a run of before cannot get one, and not because of the storage: it keeps no start back, and is tried again
 * @param onCommit a commit was tried in which something may have been left, or was saved that was left before
 */
export function lateRecorder(
  ledger: () => Ledger | null,
  onClosed: (result: RunResult) => void,
  onFailed: (error: unknown) => void,
  onCommit: () => void = () => undefined,
): RunRecorder {
  const opened = openedLedger(ledger);
  const then = <T>(commit: () => T): T => {
    try {
      return commit();
    } finally {
      onCommit();
    }
  };
  return {
    openRun(opening, jobText) {
      then(() => opened().closeUnsaved(onClosed, onFailed));
      opened().openRun(opening, jobText);
    },
    modeOf: (nest) => nextModeOf(opened().standing, nest),
    markWriting: (runId, identity) => opened().markWriting(runId, identity),
    closeRun: (runId, report, at) => then(() => opened().closeRun(runId, report, at)),
    refuseRun: (runId, refusal) => then(() => opened().refuseRun(runId, refusal)),
    historyOf: (question) => opened().modules.of(question),
  };
}
