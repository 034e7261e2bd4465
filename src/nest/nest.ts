import type { StationError } from '../foundation/faults.ts';
import { unreachable } from '../foundation/unreachable.ts';
import { pressIgnored } from './lamp-patterns.ts';
import type { LampName } from './lamp-patterns.ts';
import { NestBlocks } from './nest-blocks.ts';
import type { BlockReason } from './nest-blocks.ts';
import { nestStateOf } from './nest-state.ts';
import { patternOf, soundOf } from './operator-panel.ts';
import type { PatternPlayer } from './pattern-player.ts';
import { advance, isUnderWay } from './run.ts';
import type { RunEffect, RunEvent, RunState, ShownState } from './run.ts';
import { RunWork } from './run-work.ts';
import type { RunWorkParts } from './run-work.ts';
import type { NoticeKind } from './station-event.ts';
import { StuckButton, stuckFault } from './stuck-button.ts';

export interface NestParts extends RunWorkParts {
  readonly lamps: PatternPlayer<LampName>;
  /** null: the nest has none. */
  readonly buzzer: PatternPlayer<'buzzer'> | null;
  readonly hasReadyLamp: boolean;
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
  #state: RunState = { name: 'ready' };
  /** The sensor says that there is no module. */
  #missing = false;
  /** A module came or went since the last run; null: there is no sensor. */
  #exchanged: boolean | null = null;
  #stopped = false;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: NestParts) {
    this.number = parts.number;
    this.#parts = parts;
    this.#runWork = new RunWork(parts);
    this.#stuck = new StuckButton(parts);
    parts.duplicates.join(parts.number, (fault) => this.#disown(fault));
  }

  /** What the nest shows. */
  get state(): ShownState {
    const block = this.#blocks.first;
    return block === null || isUnderWay(this.#state) ? this.#state : { name: 'blocked', fault: block.fault };
  }

  /**
   * Shows the nest as ready, or as empty; presses count from now on.
   * @param missing the sensor says that there is no module; null: there is no sensor
   */
  start(missing: boolean | null = null): void {
    this.#missing = missing === true;
    // Before the start nobody has looked.
    this.#exchanged = missing === null ? null : true;
    if (this.#missing) this.#state = { name: 'empty' };
    this.#show();
  }

  /** A press of the operator. Starts a run, or answers visibly why not. */
  press(): void {
    if (this.#stopped) return;
    const block = this.#blocks.first;
    if (block === null || isUnderWay(this.#state)) {
      this.#take({ name: 'pressed', runId: this.#parts.newRunId(), missing: this.#missing });
    } else if (block.reason !== 'estop' || !this.#parts.acknowledgeStop()) {
      this.#notice('blocked-start', block.fault);
    }
  }

  /** The button is stuck; told again while it stays so. */
  held(): void {
    this.#stuck.tell();
    if (!isUnderWay(this.#state) && this.#stuck.mayHideResult()) this.block('button-stuck', stuckFault());
  }

  /** A button that was stuck has been let go. */
  freed(): void {
    this.#stuck.end();
    this.unblock('button-stuck');
  }

  /** The sensor says that the module has come or gone; a run whose module goes is aborted. */
  sense(missing: boolean): void {
    this.#missing = missing;
    this.#exchanged = true;
    this.#parts.duplicates.left(this.number);
    this.#take({ name: missing ? 'removed' : 'inserted' });
  }

  /** The emergency stop: module cut off, run aborted, and no start until `unblock`. */
  halt(fault: StationError): void {
    this.#runWork.cut(fault);
    this.block('estop', fault);
  }

  /** No start from now on. A run under way goes on; what it shows at its end gives way to the block. */
  block(reason: BlockReason, fault: StationError): void {
    this.#blocks.add(reason, fault);
    this.#show();
  }

  unblock(reason: BlockReason): void {
    if (!this.#blocks.remove(reason)) return;
    if (this.#blocks.first === null) this.#take({ name: 'unblocked', missing: this.#missing });
    this.#show();
  }

  /** Ends a run under way as aborted, with its record, and takes no more presses. Resolves when it is recorded. */
  async stop(reason: StationError): Promise<void> {
    this.#stopped = true;
    this.#runWork.abort(reason);
    // Called by a listener while a run begins, that run is to be waited for only from the next turn on.
    await Promise.resolve();
    await this.#work;
  }

  #take(event: RunEvent): void {
    const { state, effects } = advance(this.#state, event);
    const changed = state !== this.#state;
    if (isUnderWay(this.#state) && !isUnderWay(state)) {
      this.#stuck.resultShown();
      // Without a sensor nobody knows how long the module stays.
      if (this.#exchanged === null) this.#parts.duplicates.left(this.number);
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
    const { state } = this;
    const { lamps, buzzer, hasReadyLamp, tell } = this.#parts;
    lamps.show(patternOf(state, hasReadyLamp));
    buzzer?.show(soundOf(state));
    tell({ kind: 'nestState', state: nestStateOf(this.number, state) });
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
        this.#notice(effect.kind, effect.fault);
        return;
      default:
        unreachable(effect);
    }
  }

  #open(runId: string): RunEvent | Promise<RunEvent> {
    const exchanged = this.#exchanged;
    if (exchanged !== null) this.#exchanged = false;
    // A start without a row is no run: the next one has to hear of it still.
    const keep = (event: RunEvent): RunEvent => {
      if (event.name !== 'opened' && exchanged === true) this.#exchanged = true;
      return event;
    };
    const opened = this.#runWork.open({ runId, exchanged, mode: 'production' });
    return opened instanceof Promise ? opened.then(keep) : keep(opened);
  }

  #continueWith(event: RunEvent | Promise<RunEvent>): void {
    if (event instanceof Promise) this.#work = event.then((next) => this.#take(next));
    else this.#take(event);
  }

  #notice(kind: NoticeKind, fault: StationError): void {
    const { lamps, tell, clock, log } = this.#parts;
    if (kind === 'press-ignored') lamps.interrupt(pressIgnored);
    log.warn({ event: kind, nest: this.number, code: fault.code }, fault.message);
    tell({
      kind: 'notice',
      notice: { kind, nest: this.number, code: fault.code, detail: fault.detail, at: clock.now() },
    });
  }
}
