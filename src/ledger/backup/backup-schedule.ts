import type { Clock } from '../../foundation/clock.ts';
import type { Logger } from '../../foundation/logger.ts';
import { backupFile, backupsIn, backupTime, dropOldBackups } from './backup-files.ts';

/** Where backups go, how often, and how many are kept. */
export interface BackupPlan {
  readonly to: string;
  readonly everyMs: number;
  readonly keep: number;
}

export interface BackupScheduleParts {
  readonly ledger: { backUp(file: string, signal: AbortSignal): Promise<void> };
  readonly ledgerPath: string;
  readonly plan: BackupPlan;
  readonly clock: Clock;
  readonly log: Logger;
  /** After each attempt: what went wrong; null: the backup is there. */
  readonly onAttempt: (problem: string | null) => void;
}

/** After the start, so that it has ended before a copy begins, ms. */
const settleMs = 60_000;
/** A medium that was missing may have been plugged in, ms. */
const againAfterMs = 15 * 60_000;

/** Backups at their interval, also over restarts of the station. A failure is told and tried again; nothing waits for it. */
export class BackupSchedule implements AsyncDisposable {
  readonly #parts: BackupScheduleParts;
  readonly #stop = new AbortController();
  #cancel: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: BackupScheduleParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#wait(this.#dueInMs());
  }

  /** Takes a backup under way back, and ends when it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel();
    this.#stop.abort(new Error('The station stops.'));
    await this.#running;
  }

  /** From the name of the newest one; a clock that has jumped does not put it off for long. */
  #dueInMs(): number {
    const { plan, ledgerPath, clock } = this.#parts;
    let newest: string | undefined;
    try {
      [newest] = backupsIn(plan.to, ledgerPath);
    } catch {
      // The attempt tells that the folder is not there.
    }
    const due = newest === undefined ? 0 : backupTime(newest) + plan.everyMs - clock.now();
    return Math.max(settleMs, Math.min(due, plan.everyMs));
  }

  #wait(ms: number): void {
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#running = this.#attempt();
    });
  }

  async #attempt(): Promise<void> {
    const { plan, ledger, ledgerPath, clock, log, onAttempt } = this.#parts;
    const file = backupFile(plan.to, ledgerPath, clock.now());
    let next = plan.everyMs;
    try {
      await ledger.backUp(file, this.#stop.signal);
      dropOldBackups(plan.to, ledgerPath, plan.keep, file);
      log.info({ event: 'ledger-backed-up', file });
      onAttempt(null);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      next = Math.min(plan.everyMs, againAfterMs);
      log.error({ event: 'backup-failed', err: error });
      onAttempt(error instanceof Error ? error.message : String(error));
    }
    if (!this.#stop.signal.aborted) this.#wait(next);
  }
}
