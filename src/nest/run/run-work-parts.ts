import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import type { Clock } from '../../foundation/clock.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { Job } from '../../firmware/job.ts';
import type { OpenSerialLink } from '../../serial/serial-link.ts';
import type { ModuleCheckParts } from '../identity/module-check.ts';
import type { HistorySource } from '../identity/module-history.ts';
import type { ModuleSupply } from '../supply/module-supply.ts';
import type { ModuleIdentity, RunRefusal, RunReport } from './outcome.ts';
import type { RunOpening, RunResult } from './run-result.ts';
import type { StationEvent } from '../station-event.ts';

/** The commits of a run; each returns once the row is on disk. @throws StationError S01 */
export interface RunRecorder extends HistorySource {
  /** What the next run of a nest is. */
  modeOf(nest: number): RunOpening['mode'];
  openRun(opening: RunOpening, jobText: string): void;
  markWriting(runId: string, identity: ModuleIdentity): void;
  closeRun(runId: string, report: RunReport, at: { readonly finishedAt: number }): RunResult;
  /** In the place of `closeRun`: the row counts nowhere. */
  refuseRun(runId: string, refusal: RunRefusal): void;
}

/** A press, before its row. `exchanged`: whether the sensor saw a module come or go since the last run; null: there is none. */
export interface RunRequest {
  readonly runId: string;
  readonly exchanged: boolean | null;
}

export interface RunStart extends RunRequest {
  /** Golden and limit runs are series of their own, in no yield. */
  readonly mode: RunOpening['mode'];
}

export interface RunWorkParts extends ModuleCheckParts {
  /** Path of the serial port. */
  readonly port: string;
  /** Wanted rate of the link, baud. */
  readonly baud: number;
  readonly reset: ModuleReset;
  readonly supply: ModuleSupply;
  /** The approved job, its files compared with what was loaded; a promise where it has to be loaded first.
   * @throws StationError J01 … J05 */
  readonly currentJob: () => Job | Promise<Job>;
  readonly describeRun: (job: Job, nest: number, start: RunStart) => RunOpening;
  readonly recorder: RunRecorder;
  readonly openLink: OpenSerialLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}
