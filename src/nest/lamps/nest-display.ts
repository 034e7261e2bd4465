import type { Clock } from '../../foundation/clock.ts';
import type { StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import { pressIgnored } from './lamp-patterns.ts';
import type { LampName } from './lamp-patterns.ts';
import { nestStateOf } from '../nest-state.ts';
import { patternOf, soundOf } from './operator-panel.ts';
import type { PatternPlayer } from './pattern-player.ts';
import type { ShownState } from '../run/run.ts';
import type { NoticeKind, StationEvent } from '../station-event.ts';

export interface NestDisplayParts {
  readonly number: number;
  readonly lamps: PatternPlayer<LampName>;
  /** null: the nest has none. */
  readonly buzzer: PatternPlayer<'buzzer'> | null;
  readonly hasReadyLamp: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (event: StationEvent) => void;
}

/** What people and programs see and hear of a nest. What cannot be shown keeps neither the rest nor the run from going on. */
export class NestDisplay {
  readonly #parts: NestDisplayParts;

  constructor(parts: NestDisplayParts) {
    this.#parts = parts;
  }

  show(state: ShownState): void {
    const { number, lamps, buzzer, hasReadyLamp, tell } = this.#parts;
    this.#try(() => lamps.show(patternOf(state, hasReadyLamp)));
    this.#try(() => buzzer?.show(soundOf(state)));
    this.#try(() => tell({ kind: 'nestState', state: nestStateOf(number, state) }));
  }

  /** The answer to a press that starts nothing and changes nothing. */
  blink(): void {
    this.#try(() => this.#parts.lamps.interrupt(pressIgnored));
  }

  /** Something that happened at the nest and is no run. */
  notice(kind: NoticeKind, fault: StationError): void {
    const { number, tell, clock, log } = this.#parts;
    const { code, detail } = fault;
    if (kind === 'press-ignored') this.blink();
    log.warn({ event: kind, nest: number, code }, fault.message);
    tell({ kind: 'notice', notice: { kind, nest: number, code, detail, at: clock.now() } });
  }

  #try(show: () => void): void {
    const { log, number } = this.#parts;
    try {
      show();
    } catch (error) {
      log.error({ event: 'not-shown', nest: number, err: error });
    }
  }
}
