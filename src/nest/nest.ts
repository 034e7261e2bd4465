import { asStationError } from '../foundation/faults.ts';
import type { StationError } from '../foundation/faults.ts';
import { unreachable } from '../foundation/unreachable.ts';
import { NestBlocks } from './nest-blocks.ts';
import type { BlockReason } from './nest-blocks.ts';
import { NestDisplay } from './lamps/nest-display.ts';
import type { NestDisplayParts } from './lamps/nest-display.ts';
import { PendingWork } from './pending-work.ts';
import { advance, isUnderWay, redoOf } from './run/run.ts';
import type { RunEffect, RunEvent, RunState, ShownState } from './run/run.ts';
import { RunWork } from './run/run-work.ts';
import type { RunWorkParts } from './run/run-work.ts';
import { NextStart } from './next-start.ts';
import { StuckButton, stuckFault } from './stuck-button.ts';

export interface NestParts extends RunWorkParts, NestDisplayParts {
  readonly newRunId: () => string;
  /** A press after an emergency stop. False: the stop is still pressed. */
  readonly acknowledgeStop: () => boolean;
}

/** One place for one module: carries out what the run decides. Nests share nothing but the job and the recorder. */
export class Nest {
  readonly number: number;
  readonly #parts: NestParts;
  readonly #runWork: RunWork;
  readonly #blocks = new NestBlocks();
  readonly #stuck: StuckButton;
  readonly #display: NestDisplay;
  readonly #work = new PendingWork();
  #state: RunState = { name: 'ready' };
  /** The sensor says that there is no module. */
  #missing = false;
  readonly #next = new NextStart();
  #stopped = false;

  constructor(parts: NestParts) {
    this.number = parts.number;
    this.#parts = parts;
    this.#runWork = new RunWork(parts);
    this.#stuck = new StuckButton(parts);
    parts.duplicates.join(parts.number, (fault) => this.#disown(fault));
    this.#display = new NestDisplay(parts);
  }

  /** What the nest shows. */
  get state(): ShownState {
    return this.#blocks.over(this.#state);
  }

  /**
   * Shows the nest as ready, or as empty; presses count from now on.
   * @param missing the sensor says that there is no module; null: there is no sensor
   * @param interrupted the last run of the nest, when a power cut or a kill ended it: its module is to be done again
   */
  start(missing: boolean | null = null, interrupted: string | null = null): void {
    this.#missing = missing === true;
    this.#next.begin(missing !== null);
    if (this.#missing) this.#state = { name: 'empty' };
    else if (interrupted !== null) this.#state = redoOf(interrupted);
    this.#show();
  }

  /** A press of the operator. Starts a run, or answers visibly why not. */
  press(): void {
    if (this.#stopped) return;
    this.#guard(() => {
      const block = this.#blocks.first;
      if (block === null || isUnderWay(this.#state)) {
        this.#take({ name: 'pressed', runId: this.#parts.newRunId(), missing: this.#missing });
        return;
      }
      if (block.reason === 'estop' && this.#parts.acknowledgeStop()) return;
      if (block.reason === 'stopping') this.#hideResult();
      this.#display.notice('blocked-start', block.fault);
    });
  }

  /** The button is stuck; told again while it stays so. */
  held(): void {
    this.#guard(() => {
      this.#stuck.tell();
      if (!isUnderWay(this.#state) && this.#stuck.mayHideResult()) this.block('button-stuck', stuckFault());
    });
  }

  /** A button that was stuck has been let go. */
  freed(): void {
    this.#guard(() => this.#stuck.end());
    this.unblock('button-stuck');
  }

  /** The sensor says that the module has come or gone; a run whose module goes is aborted. */
  sense(missing: boolean): void {
    this.#missing = missing;
    this.#next.exchange();
    this.#guard(() => {
      this.#parts.duplicates.left(this.number);
      this.#take({ name: missing ? 'removed' : 'inserted' });
    });
  }

  /** The emergency stop: module cut off, run aborted, and no start until `unblock`. */
  halt(fault: StationError): void {
    this.#guard(() => this.#runWork.cut(fault));
    this.block('estop', fault);
  }

  /** No start from now on. A run under way goes on; what it shows at its end gives way to the block. */
  block(reason: BlockReason, fault: StationError): void {
    this.#blocks.add(reason, fault);
    this.#show();
  }

  unblock(reason: BlockReason): void {
    if (!this.#blocks.remove(reason)) return;
    const afresh = reason === 'locked' || reason === 'station-locked';
    this.#guard(() => {
      if (afresh || !this.#blocks.hideVerdicts) this.#take({ name: 'unblocked', missing: this.#missing, afresh });
      this.#show();
    });
  }

  /** Resolves when no run is under way. Never rejects. */
  idle(): Promise<void> {
    return this.#work.allEnded();
  }

  /** Ends a run under way as aborted, with its record, and takes no more presses. Resolves when it is recorded. */
  async stop(reason: StationError): Promise<void> {
    this.#stopped = true;
    this.#runWork.abort(reason);
    await this.#work.allEnded();
  }

  #take(event: RunEvent): void {
    const { state, effects } = advance(this.#state, event);
    const changed = state !== this.#state;
    if (isUnderWay(this.#state) && !isUnderWay(state)) {
      this.#stuck.resultShown();
      // Without a sensor nobody knows how long the module stays.
      if (!this.#next.hasSensor) this.#parts.duplicates.left(this.number);
    }
    this.#state = state;
    if (changed) this.#show();
    for (const effect of effects) this.#perform(effect);
  }

  /** Another nest has a module with the MAC of the one that is in this nest. */
  #disown(fault: StationError): void {
    // A run that has not read its MAC yet may have another module; if not, it will hear of the hold.
    if (isUnderWay(this.#state) && !this.#runWork.isIdentified) return;
    this.#take({ name: 'disowned', fault });
  }

  #show(): void {
    this.#display.show(this.state);
  }

  /** An error in one nest is no business of the others: it ends the run under way, and the next press counts. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#crashed(error);
    }
  }

  #crashed(error: unknown): void {
    const { log } = this.#parts;
    if (isUnderWay(this.#state) && this.#work.isPending) {
      // The session ends in order, and with it the run.
      log.error({ event: 'nest-crashed', nest: this.number, err: error });
      this.#runWork.abort(asStationError(error));
      return;
    }
    try {
      this.#take(this.#runWork.crashed(error));
    } catch (again) {
      log.error({ event: 'nest-crashed', nest: this.number, err: again });
      this.#state = { name: 'refused', fault: asStationError(error) };
      this.#show();
    }
  }

  /** A lamp that stays green over a press which starts nothing would be taken for the verdict on the next module. */
  #hideResult(): void {
    this.#take({ name: this.#missing ? 'removed' : 'inserted' });
    this.#display.blink();
  }

  #perform(effect: RunEffect): void {
    switch (effect.do) {
      case 'open':
        this.#continueWith(this.#open(effect.runId));
        return;
      case 'program':
        this.#continueWith(this.#runWork.program(effect.runId, (event) => this.#take(event)));
        return;
      case 'close':
        this.#take(this.#runWork.close(effect.runId, effect.report));
        return;
      case 'refuse':
        this.#take(this.#runWork.refuse(effect.runId, effect.code, effect.report));
        return;
      case 'abort':
        this.#runWork.abort(effect.fault);
        return;
      case 'announce':
        this.#parts.tell({ kind: 'runResult', result: effect.result });
        return;
      case 'notice':
        this.#display.notice(effect.kind, effect.fault);
        return;
      default:
        unreachable(effect);
    }
  }

  #open(runId: string): RunEvent | Promise<RunEvent> {
    const { request, putBack } = this.#next.take(runId);
    const keep = (event: RunEvent): RunEvent => {
      if (event.name !== 'opened') putBack();
      return event;
    };
    const opened = this.#runWork.open(request);
    return opened instanceof Promise ? opened.then(keep) : keep(opened);
  }

  #continueWith(event: RunEvent | Promise<RunEvent>): void {
    if (event instanceof Promise) {
      this.#work.await(
        event,
        (next) => this.#guard(() => this.#take(next)),
        (error) => this.#crashed(error),
      );
    } else {
      this.#take(event);
    }
  }
}
