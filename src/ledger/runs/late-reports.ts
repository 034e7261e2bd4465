import type { RunRefusal, RunReport } from '../../nest/run/outcome.ts';
import type { RunResult } from '../../nest/run/run-result.ts';
import type { UnfinishedRun } from './run-rows.ts';

/** Of a run whose result could not be saved. @param end how it had ended */
export function unsavedReport(report: RunReport, end: string): RunReport {
  const detail = `The result could not be saved when the run ended as ${end}.`;
  return { ...report, outcome: 'ERROR', code: 'S01', detail };
}

/** As `unsavedReport`, of a refusal. */
export function unsavedRefusal({ code, identity }: RunRefusal): RunReport {
  return unsavedReport({ ...nothingKnown, identity }, `refused with ${code}`);
}

/** Of a run that was found open at a start: nobody knows when it ended. */
export function interruptedReport({ identity, writing }: UnfinishedRun): RunReport {
  return { ...nothingKnown, identity, dirty: writing };
}

/** The nests whose last run was interrupted, and which run that was: whatever is in them has to be done again. */
export function interruptedNests(lastResults: readonly RunResult[]): ReadonlyMap<number, string> {
  const cut = lastResults.filter(({ code }) => code === 'S05');
  return new Map(cut.flatMap(({ nest, run_id: runId }) => (nest === null ? [] : [[nest, runId]])));
}

const nothingKnown: RunReport = {
  outcome: 'ABORTED',
  code: 'S05',
  detail: 'The run was found open at the start of the station.',
  phase: null,
  identity: {},
  phaseMs: {},
  totalMs: 0,
  baud: null,
  bytes: null,
  bytesSkipped: null,
  bytesSent: null,
  retries: 0,
  marginal: false,
  dirty: false,
  digestsExpected: [],
  digestsActual: [],
  bootMode: null,
  bootVersion: null,
  evidence: null,
};
