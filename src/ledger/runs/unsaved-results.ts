import type { Clock } from '../../foundation/clock.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { RunResult } from '../../nest/run/run-result.ts';
import { isStorageFault } from '../file/storage-errors.ts';
import type { Ledger } from '../ledger.ts';
import type { LedgerAlarms } from '../ledger-alarms.ts';

const againAfterMs = 5_000;
/** A storage that is locked keeps each try waiting, and with it the runs under way. */
const restPerTry = 20;

export interface UnsavedResultsParts {
  /** null: it is not open yet. */
  readonly ledger: () => Ledger | null;
  readonly alarms: Pick<LedgerAlarms, 'set'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** A run of before has got its result. */
  readonly onClosed: (result: RunResult) => void;
  /** A run of before cannot get one, and not because of the storage. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Results that the storage has refused: an alarm while there are some, and a try every few seconds, since the next press
 * may be far away and a stop would leave them as interrupted.
 */
export class UnsavedResults {
  readonly #parts: UnsavedResultsParts;
  #cancel: (() => void) | null = null;
  #ended = false;

  constructor(parts: UnsavedResultsParts) {
    this.#parts = parts;
  }

  /** A commit was tried: looks whether something is left now. */
  look(): void {
    const isLeft = this.#isLeft;
    this.#tellAlarm(isLeft);
    if (isLeft) this.#againAfter(againAfterMs);
  }

  /** A last try, and none after it: before the ledger is closed. */
  end(): void {
    this.#ended = true;
    this.#cancel?.();
    this.#cancel = null;
    this.#try();
  }

  get #isLeft(): boolean {
    return (this.#parts.ledger()?.unsaved.size ?? 0) > 0;
  }

  /** False when the storage refuses still. */
  #try(): boolean {
    const { ledger, onClosed, onFailed, log } = this.#parts;
    try {
      ledger()?.closeUnsaved(onClosed, onFailed);
      return true;
    } catch (error) {
      if (!isStorageFault(error)) log.error({ event: 'run-not-closed', err: error });
      return !isStorageFault(error);
    } finally {
      this.#tellAlarm(this.#isLeft);
    }
  }

  #againAfter(ms: number): void {
    if (this.#ended || this.#cancel !== null) return;
    const { clock } = this.#parts;
    this.#cancel = clock.after(ms, () => {
      this.#cancel = null;
      const startMs = clock.monotonic();
      // What is left for another reason waits for the next press.
      if (this.#try()) return;
      this.#againAfter(Math.max(againAfterMs, restPerTry * (clock.monotonic() - startMs)));
    });
  }

  #tellAlarm(isLeft: boolean): void {
    const detail = 'The result of a run could not be saved; that is tried again by itself.';
    this.#parts.alarms.set('result-not-saved', isLeft ? detail : null);
  }
}
