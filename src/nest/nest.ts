import type { ModuleReset } from '../bootloader/reset-sequences.ts';
import type { Clock } from '../foundation/clock.ts';
import { asStationError, StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import { unreachable } from '../foundation/unreachable.ts';
import type { Job } from '../firmware/job.ts';
import type { OpenSerialLink } from '../serial/serial-link.ts';
import { pressIgnored } from './lamp-patterns.ts';
import type { LampName } from './lamp-patterns.ts';
import { nestStateOf } from './nest-state.ts';
import { patternOf, soundOf } from './operator-panel.ts';
import type { PatternPlayer } from './pattern-player.ts';
import type { ModuleIdentity, RunReport } from './outcome.ts';
import { LinkMemory } from './link-memory.ts';
import type { ModuleSupply } from './module-supply.ts';
import { programModule } from './programming-session.ts';
import { advance } from './run.ts';
import type { RunEffect, RunEvent, RunState } from './run.ts';
import type { RunOpening, RunResult } from './run-result.ts';
import type { StationEvent } from './station-event.ts';

/** The three commits of a run; each returns once the row is on disk. @throws StationError S01 */
export interface RunRecorder {
  openRun(opening: RunOpening, jobText: string): void;
  markWriting(runId: string, identity: ModuleIdentity): void;
  closeRun(runId: string, report: RunReport, at: { readonly finishedAt: number }): RunResult;
}

export interface NestParts {
  readonly number: number;
  /** Path of the serial port. */
  readonly port: string;
  /** Wanted rate of the link, baud. */
  readonly baud: number;
  readonly reset: ModuleReset;
  readonly supply: ModuleSupply;
  readonly lamps: PatternPlayer<LampName>;
  /** null: the nest has none. */
  readonly buzzer: PatternPlayer<'buzzer'> | null;
  readonly hasReadyLamp: boolean;
  /** The approved job, its files compared with what was loaded; a promise where it has to be loaded first.
   * @throws StationError J01 … J05 */
  readonly currentJob: () => Job | Promise<Job>;
  readonly describeRun: (job: Job, nest: number, runId: string) => RunOpening;
  readonly newRunId: () => string;
  readonly recorder: RunRecorder;
  readonly openLink: OpenSerialLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/** One place for one module: carries out what the run decides. Nests share nothing but the job and the recorder. */
export class Nest {
  readonly number: number;
  readonly #parts: NestParts;
  readonly #memory = new LinkMemory();
  #state: RunState = { name: 'ready' };
  #job: Job | null = null;
  #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(parts: NestParts) {
    this.number = parts.number;
    this.#parts = parts;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Shows the nest as ready; presses count from now on. */
  start(): void {
    this.#show();
  }

  /** A press of the operator. Starts a run, or answers visibly that one is under way. */
  press(): void {
    if (this.#stop.signal.aborted) return;
    this.#take({ name: 'pressed', runId: this.#parts.newRunId() });
  }

  /** Ends a run under way as aborted, with its record, and takes no more presses. Resolves when it is recorded. */
  async stop(reason: StationError): Promise<void> {
    this.#stop.abort(reason);
    // Called by a listener while a run begins, that run is to be waited for only from the next turn on.
    await Promise.resolve();
    await this.#work;
  }

  #take(event: RunEvent): void {
    const { state, effects } = advance(this.#state, event);
    const changed = state !== this.#state;
    this.#state = state;
    if (changed) this.#show();
    for (const effect of effects) this.#perform(effect);
  }

  #show(): void {
    this.#parts.lamps.show(patternOf(this.#state, this.#parts.hasReadyLamp));
    this.#parts.buzzer?.show(soundOf(this.#state));
    this.#parts.tell({ kind: 'nestState', state: nestStateOf(this.number, this.#state) });
  }

  #perform(effect: RunEffect): void {
    switch (effect.do) {
      case 'open':
        this.#open(effect.runId);
        return;
      case 'program':
        this.#work = this.#program(effect.runId);
        return;
      case 'close':
        this.#take(this.#close(effect.runId, effect.report));
        return;
      case 'announce':
        this.#parts.tell({ kind: 'runResult', result: effect.result });
        return;
      case 'notice':
        this.#notice(effect.kind, effect.fault ?? new StationError('O03'));
        return;
      default:
        unreachable(effect);
    }
  }

  #open(runId: string): void {
    const refuse = (error: unknown): void => this.#take({ name: 'refused', fault: asStationError(error) });
    const open = (job: Job): void => this.#take(this.#openFor(job, runId));
    let job: Job | Promise<Job>;
    try {
      job = this.#parts.currentJob();
    } catch (error) {
      refuse(error);
      return;
    }
    const { signal } = this.#stop;
    if (job instanceof Promise) {
      this.#work = job.then((loaded) => (signal.aborted ? refuse(signal.reason) : open(loaded)), refuse);
    } else {
      open(job);
    }
  }

  #openFor(job: Job, runId: string): RunEvent {
    const { describeRun, recorder, tell } = this.#parts;
    this.#job = job;
    try {
      const opening = describeRun(job, this.number, runId);
      recorder.openRun(opening, job.text);
      tell({ kind: 'runStarted', opening });
      return { name: 'opened' };
    } catch (error) {
      return { name: 'notSaved', fault: asStationError(error) };
    }
  }

  async #program(runId: string): Promise<void> {
    const { openLink, clock, log, port, baud, reset, supply, recorder } = this.#parts;
    const job = this.#job;
    if (job === null) throw new Error('A run was opened without a job.');
    const hooks = {
      phase: (phase: NonNullable<RunReport['phase']>) => this.#take({ name: 'phase', phase }),
      progress: (share: number) => this.#take({ name: 'progress', share }),
      identified: (identity: ModuleIdentity) => recorder.markWriting(runId, identity),
    };
    const parts = { openLink, clock, log: log.child({ nest: this.number, run: runId }) };
    const report = await programModule(
      parts,
      { port, baud, reset, supply, job, memory: this.#memory },
      hooks,
      this.#stop.signal,
    );
    this.#take({ name: 'ended', report });
  }

  #close(runId: string, report: RunReport): RunEvent {
    const { recorder, clock, log } = this.#parts;
    try {
      const result = recorder.closeRun(runId, report, { finishedAt: clock.now() });
      const fault = report.code === null ? null : new StationError(report.code, report.detail ?? undefined);
      return { name: 'closed', result, fault };
    } catch (error) {
      const fault = asStationError(error);
      log.error({ event: 'result-not-saved', nest: this.number, run: runId, report }, fault.message);
      return { name: 'notSaved', fault };
    }
  }

  #notice(kind: Extract<RunEffect, { do: 'notice' }>['kind'], fault: StationError): void {
    const { lamps, tell, clock, log } = this.#parts;
    if (kind === 'press-ignored') lamps.interrupt(pressIgnored);
    log.warn({ event: kind, nest: this.number, code: fault.code }, fault.message);
    tell({
      kind: 'notice',
      notice: { kind, nest: this.number, code: fault.code, detail: fault.detail, at: clock.now() },
    });
  }
}
