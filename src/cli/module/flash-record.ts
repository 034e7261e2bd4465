import type { Clock } from '../../foundation/clock.ts';
import type { ModuleIdentity, RunReport } from '../../nest/run/outcome.ts';
import type { RunOpening, RunResult } from '../../nest/run/run-result.ts';
import { uncountedRunResult } from '../../ledger/runs/build-run-result.ts';
import type { Target } from './module-target.ts';
import { openNestLedger } from './nest-ledger.ts';

/** Where a run from the terminal is written down: in the station's ledger, or nowhere. */
export interface FlashRecord extends Disposable {
  /** What was found wrong with the ledger; null when nothing was. */
  readonly notice: string | null;
  /** @throws StationError S01, as the others */
  open(opening: RunOpening, jobText: string): void;
  writing(runId: string, identity: ModuleIdentity): void;
  close(opening: RunOpening, report: RunReport): RunResult;
  /** Flash parts that were accepted at the station for a product. */
  acceptedParts(product: string): readonly string[];
}

/** A run in a nest is committed as the daemon's runs are; one at a port is only printed. @throws StationError S01 */
export async function recordOf(place: Target['place'], clock: Clock): Promise<FlashRecord> {
  if (place === null) {
    return {
      notice: null,
      open: () => undefined,
      writing: () => undefined,
      close: (opening, report) => uncountedRunResult(opening, report, clock.now()),
      acceptedParts: () => [],
      [Symbol.dispose]: () => undefined,
    };
  }
  const ledger = await openNestLedger(place, clock);
  return {
    notice: ledger.notice?.detail ?? null,
    open: (opening, jobText) => ledger.openRun(opening, jobText),
    writing: (runId, identity) => ledger.markWriting(runId, identity),
    close: ({ runId }, report) => ledger.closeRun(runId, report, { finishedAt: clock.now() }),
    acceptedParts: (product) => ledger.standing.of('part', product).map(({ value }) => value),
    [Symbol.dispose]: () => ledger.close(),
  };
}
