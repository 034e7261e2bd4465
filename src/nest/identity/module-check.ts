import { asStationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { Job } from '../../firmware/job.ts';
import { areUsedUp, triesOf } from './attempts.ts';
import type { DuplicateMacs } from './duplicate-macs.ts';
import { identityFault } from './identity-gates.ts';
import type { HistorySource } from './module-history.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import type { RunResult } from '../run/run-result.ts';

export interface ModuleCheckParts {
  /** Of the nest. */
  readonly number: number;
  readonly recorder: HistorySource;
  readonly duplicates: DuplicateMacs;
  readonly log: Logger;
}

/** Which module the run at a nest has, whether it may be written, and whether another nest has its MAC too. */
export class ModuleCheck {
  readonly #parts: ModuleCheckParts;
  /** Of the module that the run has identified; null before. */
  #mac: string | null = null;

  constructor(parts: ModuleCheckParts) {
    this.#parts = parts;
  }

  get isIdentified(): boolean {
    return this.#mac !== null;
  }

  /** A run begins. */
  forget(): void {
    this.#mac = null;
    // Before a module gets through: after a restart nobody would know of the hold.
    this.#parts.duplicates.saveHolds();
  }

  /**
   * The module has been identified; nothing is written yet.
   * @param start `exchanged` null: the nest has no sensor that tells when the module goes
   * @throws StationError D02, D04, D05, D09, F02, F03, S01; the signal's reason
   */
  assertMayWrite(
    job: Job,
    start: { readonly exchanged: boolean | null; readonly mode: RunResult['mode'] },
    identity: ModuleIdentity,
    signal: AbortSignal,
  ): void {
    const { number, recorder, duplicates } = this.#parts;
    const { mac } = identity;
    this.#mac = mac;
    duplicates.met(number, mac, start.exchanged !== null);
    signal.throwIfAborted();
    const history = recorder.historyOf({ mac, operation: job.operation, product: job.product });
    const hold = history.hold ?? duplicates.unsavedHold(mac);
    const fault = identityFault({ identity, job, mode: start.mode, known: { ...history, hold } });
    if (fault?.code === 'D04' && hold === null) duplicates.hold(mac, number, fault.detail);
    if (fault !== null) throw fault;
  }

  /** The module has answered. */
  heard(): void {
    if (this.#mac !== null) this.#parts.duplicates.heard(this.#parts.number, this.#mac);
  }

  /**
   * The run has its record.
   * @returns `triesLeft` false when the module has failed as often as it may; where that is not known, the next press tells
   */
  recorded(job: Job | null, { outcome, mode, mac }: RunResult): { readonly triesLeft?: false } {
    const { number, recorder, duplicates, log } = this.#parts;
    if (mac === null || job === null) return {};
    if (outcome === 'PASS') duplicates.passed(number, mac);
    if (outcome !== 'FAIL' || mode !== 'production') return {};
    try {
      const { failures } = recorder.historyOf({ mac, operation: job.operation, product: job.product });
      return areUsedUp(triesOf(failures, job.policy.attempts)) ? { triesLeft: false } : {};
    } catch (error) {
      log.error({ event: 'history-not-read', mac }, asStationError(error).message);
      return {};
    }
  }
}
