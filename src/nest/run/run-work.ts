import { asStationError, StationError } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import { guardClock } from '../../foundation/guarded-clock.ts';
import { unlessAborted } from '../../foundation/unless-aborted.ts';
import type { Job } from '../../firmware/job.ts';
import { crashReport } from './crash-report.ts';
import type { OpenRow } from './crash-report.ts';
import { LinkMemory } from '../module/link-memory.ts';
import { ModuleCheck } from '../identity/module-check.ts';
import type { ModuleIdentity, RunReport } from './outcome.ts';
import { programModule } from '../session/programming-session.ts';
import type { RunEvent } from './run.ts';
import { withFault } from './run-notes.ts';
import type { RunRequest, RunStart, RunWorkParts } from './run-work-parts.ts';
import { abortFault } from '../session/use-module.ts';

export type { RunRecorder, RunRequest, RunStart, RunWorkParts } from './run-work-parts.ts';

/** The work of a run at one nest: its rows and its session. Each step ends in the event that the run goes on with. */
export class RunWork {
  readonly #parts: RunWorkParts;
  readonly #memory = new LinkMemory();
  readonly #module: ModuleCheck;
  #job: Job | null = null;
  #start: RunStart | null = null;
  /** Of the run under way; null: none is committed. */
  #row: OpenRow | null = null;
  /** Of the run that was started last. */
  #abort = new AbortController();

  constructor(parts: RunWorkParts) {
    this.#parts = parts;
    this.#module = new ModuleCheck(parts);
  }

  /** The run that was started last knows which module it has. */
  get isIdentified(): boolean {
    return this.#module.isIdentified;
  }

  /** Ends the run that was started last, as soon as may be; the reason becomes its code. */
  abort(reason: StationError): void {
    this.#abort.abort(reason);
  }

  /** For an emergency: besides, nothing drives the module from now on, and a switched supply is off. */
  cut(reason: StationError): void {
    try {
      this.#parts.supply.cut();
    } finally {
      this.abort(reason);
    }
  }

  /** Something threw that nobody expected, and no session is under way any more: the module is left, as far as may be. */
  crashed(error: unknown): RunEvent {
    const { number, clock, log } = this.#parts;
    const fault = asStationError(error);
    log.error({ event: 'nest-crashed', nest: number, run: this.#row?.runId, err: fault }, fault.message);
    this.#leave();
    return { name: 'crashed', fault, report: this.#row === null ? null : crashReport(fault, this.#row, clock) };
  }

  /** Commit 1. At once where the job is loaded already, so that nothing comes between the press and the row. */
  open(request: RunRequest): RunEvent | Promise<RunEvent> {
    this.#abort = new AbortController();
    this.#module.forget();
    const { signal } = this.#abort;
    const refuse = (error: unknown): RunEvent => ({ name: 'refused', fault: asStationError(error) });
    try {
      const job = this.#parts.currentJob();
      if (!(job instanceof Promise)) return this.#openFor(job, request);
      const loading = unlessAborted(job, signal);
      return loading.then(
        (loaded) => (signal.aborted ? refuse(signal.reason) : this.#openFor(loaded, request)),
        refuse,
      );
    } catch (error) {
      return refuse(error);
    }
  }

  /** The session, with commit 2. @param tell hears of phases and progress */
  async program(runId: string, tell: (event: RunEvent) => void): Promise<RunEvent> {
    const { openLink, clock, log, number, port, baud, reset, supply } = this.#parts;
    const job = this.#job;
    const start = this.#start;
    if (job === null || start === null) throw new Error('A run was opened without a job.');
    const hooks = {
      phase: (phase: NonNullable<RunReport['phase']>) => {
        this.#module.heard();
        tell({ name: 'phase', phase });
      },
      progress: (share: number) => {
        this.#module.heard();
        tell({ name: 'progress', share });
      },
      identified: (identity: ModuleIdentity) => this.#identified(job, start, identity),
    };
    const broken = (error: unknown): void => {
      log.error({ event: 'timer-failed', nest: number, run: runId, err: error });
      this.abort(asStationError(error));
    };
    const parts = { openLink, clock: guardClock(clock, broken), log: log.child({ nest: number, run: runId }) };
    const request = { port, baud, reset, supply, job, memory: this.#memory };
    const report = await programModule(parts, request, hooks, this.#abort.signal);
    // The code that leaves a module may be what is broken.
    if (report.code === 'S99') this.#leave();
    return { name: 'ended', report };
  }

  /** Commit 3. */
  close(runId: string, ended: RunReport): RunEvent {
    const { number, recorder, clock, log } = this.#parts;
    const report = this.#lastWord(ended);
    const row = this.#row;
    this.#row = null;
    try {
      const result = recorder.closeRun(runId, report, { finishedAt: clock.now() });
      const fault = report.code === null ? null : faultOf(report.code, report);
      return { name: 'closed', result, fault, ...this.#module.recorded(this.#job, result) };
    } catch (error) {
      const fault = asStationError(error);
      if (fault.code === 'S99' && row !== null) return this.#closeCrashed(runId, fault, row);
      log.error(
        { event: 'result-not-saved', nest: number, run: runId, report: { ...report, evidence: undefined } },
        fault.message,
      );
      return { name: 'notSaved', fault };
    }
  }

  /** In the place of commit 3, for a module that is not to be touched. */
  refuse(runId: string, code: FaultCode, report: RunReport): RunEvent {
    const { recorder, clock } = this.#parts;
    const fault = faultOf(code, report);
    const row = this.#row;
    this.#row = null;
    try {
      const { identity } = report;
      recorder.refuseRun(runId, { code, detail: fault.detail, identity, finishedAt: clock.now() });
      return { name: 'refused', fault };
    } catch (error) {
      const problem = asStationError(error);
      if (problem.code === 'S99' && row !== null) return this.#closeCrashed(runId, problem, row);
      return { name: 'notSaved', fault: problem };
    }
  }

  /** Commit 2, for a module that passes every gate. @throws StationError */
  #identified(job: Job, start: RunStart, identity: ModuleIdentity): void {
    this.#module.assertMayWrite(job, start, identity, this.#abort.signal);
    this.#parts.recorder.markWriting(start.runId, identity);
    if (this.#row !== null) this.#row.identity = identity;
  }

  /** Between the end of the session and the record somebody may have aborted it: then it is no pass. */
  #lastWord(report: RunReport): RunReport {
    if (report.outcome !== 'PASS') return report;
    this.#module.heard();
    const { signal } = this.#abort;
    return signal.aborted ? withFault(report, abortFault(signal)) : report;
  }

  /** Straps released and a switched supply off, whatever the session has done. */
  #leave(): void {
    const { supply, log, number } = this.#parts;
    try {
      supply.cut();
    } catch (error) {
      log.error({ event: 'module-not-left', nest: number, err: error });
    }
  }

  /** The report itself may be what cannot be saved: the row gets one that says so. */
  #closeCrashed(runId: string, fault: StationError, row: OpenRow): RunEvent {
    const { number, clock, log } = this.#parts;
    log.error({ event: 'nest-crashed', nest: number, run: runId, err: fault }, fault.message);
    return this.close(runId, crashReport(fault, row, clock));
  }

  #openFor(job: Job, request: RunRequest): RunEvent {
    const { number, describeRun, recorder, tell, clock } = this.#parts;
    this.#job = job;
    this.#row = null;
    try {
      const start = { ...request, mode: recorder.modeOf(number) };
      this.#start = start;
      const opening = describeRun(job, number, start);
      recorder.openRun(opening, job.text);
      this.#row = { runId: start.runId, openedMs: clock.monotonic(), identity: null };
      tell({ kind: 'runStarted', opening });
      return { name: 'opened' };
    } catch (error) {
      const fault = asStationError(error);
      if (fault.code === 'S99') return this.crashed(error);
      // A full disk is known before anything is written: no run was begun.
      return { name: fault.code === 'S02' ? 'refused' : 'notSaved', fault };
    }
  }
}

function faultOf(code: FaultCode, { detail }: RunReport): StationError {
  return new StationError(code, detail ?? undefined);
}
