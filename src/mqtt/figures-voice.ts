import type { Clock } from '../foundation/clock.ts';
import type { Logger } from '../foundation/logger.ts';
import type { BrokerLink } from './broker-link.ts';
import { figureMessages } from './figure-messages.ts';
import type { FigureMessages, FigurePlan, FigureSource } from './figure-messages.ts';
import { LatestValue } from './latest-value.ts';
import { topicPath } from './topics.ts';

export interface FiguresVoiceParts {
  readonly link: Pick<BrokerLink, 'tell'>;
  readonly ledger: FigureSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly plan: FigurePlan;
}

/** Once a second: each telling reads the runs of a whole day, and nests often end together. */
const tellEveryMs = 1_000;
/**
 * So much longer than a telling takes, nothing is counted again: a slow machine, or a lot of very many units, must not
 * hold up the runs under way.
 */
const restPerWork = 50;
/** How long figures may stand that have changed with time alone. */
const lookEveryMs = 60_000;

/**
 * The retained topics `counters` and `yield`: told at a birth, after results, when a shift begins, and when the last
 * 24 h have moved on. It never throws.
 */
export class FiguresVoice {
  readonly #parts: FiguresVoiceParts;
  readonly #outlet: LatestValue<'always' | 'when changed'>;
  #cancelLook: (() => void) | null = null;
  #told = '';
  #stopped = false;
  /** Until then no result is worth the time that counting takes, monotonic ms. */
  #restUntilMs = 0;
  /** A result is not in the figures yet. */
  #owed = false;

  constructor(parts: FiguresVoiceParts) {
    this.#parts = parts;
    this.#outlet = new LatestValue(parts.clock, tellEveryMs, (when) => {
      this.#tell(when === 'always');
    });
  }

  /** On every connect, as with all state. */
  birth(): void {
    if (!this.#stopped) this.#outlet.tellNow('always');
  }

  /** A run was recorded. */
  recorded(): void {
    if (this.#stopped) return;
    const restMs = this.#restUntilMs - this.#parts.clock.monotonic();
    this.#owed = true;
    if (restMs > 0) this.#lookAgain(restMs);
    else this.#outlet.offer('when changed');
  }

  /** Tells what waits for its turn and takes all timers off, for good. */
  stop(): void {
    this.#stopped = true;
    if (this.#owed) this.#outlet.offer('when changed');
    this.#outlet.flush();
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  #tell(always: boolean): void {
    const { link, ledger, plan, clock, log } = this.#parts;
    const now = clock.now();
    const startMs = clock.monotonic();
    this.#owed = false;
    let messages: FigureMessages | null = null;
    try {
      messages = figureMessages(ledger, plan, now);
    } catch (error) {
      log.error({ event: 'ledger-unreadable', err: error });
    }
    const endMs = clock.monotonic();
    this.#restUntilMs = endMs + restPerWork * (endMs - startMs);
    this.#lookAgain(messages === null ? lookEveryMs : messages.shift.toMs - now);
    if (messages === null) return;
    const content = contentOf(messages);
    if (!always && content === this.#told) return;
    this.#told = content;
    link.tell('counters', topicPath('counters'), messages.counters);
    link.tell('yield', topicPath('yield'), messages.yield);
  }

  #lookAgain(boundaryMs: number): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    if (this.#stopped) return;
    const waitMs = Math.max(1, Math.min(lookEveryMs, boundaryMs));
    this.#cancelLook = this.#parts.clock.after(waitMs, () => {
      this.#cancelLook = null;
      this.#outlet.offer('when changed');
    });
  }
}

/** Everything but the time of reading. */
function contentOf({ counters, yield: rates }: FigureMessages): string {
  return JSON.stringify([counters, rates], (key, value: unknown) => (key === 'at' || key === 'ts_ms' ? null : value));
}
