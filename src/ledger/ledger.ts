import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { ModuleIdentity, RunRefusal, RunReport } from '../nest/run/outcome.ts';
import type { RunOpening, RunResult } from '../nest/run/run-result.ts';
import { AuditTrail } from './audit-trail.ts';
import { backUpTo } from './backup/back-up.ts';
import { commitTo } from './file/commit.ts';
import type { Commit } from './file/commit.ts';
import { readHostId, writeMarker } from './file/epoch-marker.ts';
import { lastSeqOf } from './file/epochs.ts';
import { contentOf } from './evidence/evidence-content.ts';
import { EvidenceRows } from './evidence/evidence-rows.ts';
import { interruptedReport, unsavedRefusal, unsavedReport } from './runs/late-reports.ts';
import { LedgerReader } from './ledger-reader.ts';
import { ModuleHistories } from './runs/module-histories.ts';
import { openLedgerFile } from './file/open-ledger-file.ts';
import type { LedgerFile, LedgerNotice } from './file/open-ledger-file.ts';
import { Outbox } from './outbox.ts';
import type { OutboxRow } from './outbox.ts';
import type { RunFilter } from './runs/run-query.ts';
import { RunRows } from './runs/run-rows.ts';
import { StandingRows } from './standing-rows.ts';
import type { UnfinishedRun } from './runs/run-rows.ts';
import { isStorageFault, storageFault, withStorageFaults } from './file/storage-errors.ts';
import type { StorageGuard } from './file/storage-guard.ts';

export interface LedgerOptions {
  readonly clock: Clock;
  /** Watches over the disk; left out: nothing does. */
  readonly guard?: StorageGuard;
  /** Folder of the backups, the newest of which replaces a damaged ledger; null or left out: there are none. */
  readonly backups?: string | null;
}

/**
 * The record of every run, and the outbox of what has to be published of it. Each run is committed three times:
 * opened, writing, closed (design §1.4). All methods are synchronous: when one returns, the disk has it.
 * Every method throws StationError S01 when the storage refuses, S02 when the disk is full; nothing of that call is
 * kept then, and the same ledger works again when the storage does.
 */
export class Ledger {
  /** The series in which `seq` counts. */
  readonly epoch: string;
  /** What was found wrong with the file at its opening; null: nothing. */
  readonly notice: LedgerNotice | null;
  readonly audit: AuditTrail;
  readonly standing: StandingRows;
  readonly modules: ModuleHistories;
  readonly #file: LedgerFile;
  readonly #clock: Clock;
  readonly #rows: RunRows;
  readonly #outbox: Outbox;
  readonly #evidence: EvidenceRows;
  readonly #reader: LedgerReader;
  /** Finished runs whose closing failed, with what becomes of them once the storage works again. */
  readonly #unsaved = new Map<string, RunReport>();
  readonly unsaved: ReadonlyMap<string, RunReport> = this.#unsaved;
  readonly #guard: StorageGuard | null;
  readonly #commit: Commit;

  constructor(file: LedgerFile, clock: Clock, guard: StorageGuard | null = null) {
    this.epoch = file.epoch;
    this.notice = file.notice;
    this.audit = new AuditTrail(file.connection, clock);
    this.#commit = commitTo(file.connection, guard);
    this.standing = new StandingRows(file.connection, this.audit, clock, this.#commit);
    this.modules = new ModuleHistories(file.connection);
    this.#file = file;
    this.#clock = clock;
    this.#guard = guard;
    this.#rows = new RunRows(file.connection);
    this.#outbox = new Outbox(file.connection);
    this.#evidence = new EvidenceRows(file.connection);
    this.#reader = new LedgerReader(file.connection);
  }

  /** Opens the database at `path`, creating what is missing. @throws StationError S01, S02 when the disk is full */
  static async open(path: string, options: LedgerOptions): Promise<Ledger> {
    const { clock, guard = null, backups = null } = options;
    const open = async (): Promise<Ledger> =>
      new Ledger(await openLedgerFile(path, clock, readHostId(), backups), clock, guard);
    return guard === null ? open() : guard.makeRoomFor(open);
  }

  /**
   * Commit 1, before RST moves. Starts are refused, S02, while the disk is too full for what the run will write.
   * @param jobText the canonical text behind the job's hash, kept once for each hash
   */
  openRun(opening: RunOpening, jobText: string | null = null): void {
    this.#guard?.assertRoom();
    this.#commit(() => {
      this.#rows.insert(opening, jobText);
    });
  }

  /** Commit 2, before the first erase: the module is half-programmed from here on. */
  markWriting(runId: string, identity: ModuleIdentity): void {
    this.#commit(() => {
      if (!this.#rows.markWriting(runId, identity)) throw new StationError('S99', `Run ${runId} is not open.`);
    });
  }

  /** Commit 3: the outcome with its `seq`, and the outbox row, in one transaction. Only after it may a lamp be green. */
  closeRun(runId: string, report: RunReport, at: { readonly finishedAt: number }): RunResult {
    const before = this.#unsaved.get(runId);
    try {
      const result = this.#close(this.#unfinished(runId), before ?? report, at.finishedAt);
      this.#unsaved.delete(runId);
      return result;
    } catch (error) {
      if (isStorageFault(error)) this.#unsaved.set(runId, before ?? unsavedReport(report, report.outcome));
      throw error;
    }
  }

  /**
   * In place of commits 2 and 3: the run ends as refused, with nothing written. It gets no `seq` and no outbox row, and
   * no reader sees it. A refusal that cannot be saved leaves the run open, and it ends as one that was not saved.
   */
  refuseRun(runId: string, refusal: RunRefusal): void {
    try {
      this.#commit(() => {
        if (this.#rows.refuse(runId, refusal)) return;
        throw new StationError('S99', `Run ${runId} is not open for a refusal.`);
      });
      this.#unsaved.delete(runId);
    } catch (error) {
      if (isStorageFault(error)) this.#unsaved.set(runId, unsavedRefusal(refusal));
      throw error;
    }
  }

  /**
   * Closes the runs whose closing failed, as ERROR/S01 and never as a PASS: the storage may work again. `onClosed` is
   * told of each that is saved, also when another cannot be; `onFailed` of one that the storage is not to blame for.
   */
  closeUnsaved(
    onClosed: (result: RunResult) => void = () => undefined,
    onFailed: (error: unknown) => void = () => undefined,
  ): RunResult[] {
    return [...this.#unsaved].flatMap(([runId, report]) => {
      try {
        const result = this.closeRun(runId, report, { finishedAt: this.#clock.now() });
        onClosed(result);
        return [result];
      } catch (error) {
        if (isStorageFault(error)) throw error;
        onFailed(error);
        return [];
      }
    });
  }

  /**
   * At the start, before any run: closes the runs that were found open as ABORTED/S05, in the order of their opening.
   * They end with this start and took 0 ms, since nobody knows when they ended.
   */
  closeInterrupted(): RunResult[] {
    return withStorageFaults(() => this.#rows.unfinished()).map((run) =>
      this.#close(run, interruptedReport(run), this.#clock.now()),
    );
  }

  /** The closed runs that match, the last one first. */
  runs(filter: RunFilter = {}): RunResult[] {
    return this.#reader.runs(filter);
  }

  /** Questions about the record. */
  get figures(): Omit<LedgerReader, 'close' | 'runs' | 'lastResults'> {
    return this.#reader;
  }

  /** The last result of each nest. */
  lastResults(): RunResult[] {
    return this.#reader.lastResults();
  }

  /** The highest `seq` given in this epoch, 0 before the first. */
  lastSeq(): number {
    return withStorageFaults(() => lastSeqOf(this.#file.connection, this.epoch));
  }

  /** Rows that wait to be sent, behind a position, in their order. */
  pendingOutbox(afterPosition: number, limit: number): OutboxRow[] {
    return withStorageFaults(() => this.#outbox.pending(afterPosition, limit));
  }

  /** Takes rows out of the outbox: the broker has acknowledged them. @param at wall-clock ms */
  markSent(positions: readonly number[], at: number): void {
    this.#commit(() => this.#outbox.markSent(positions, at));
  }

  /** Counts a refusal by the broker. */
  noteTry(position: number): void {
    this.#commit(() => this.#outbox.noteTry(position));
  }

  /** Copies the ledger to a new file while it is in use. @throws StationError S01, or the signal's reason */
  async backUp(file: string, signal: AbortSignal): Promise<void> {
    await backUpTo(this.#file.connection, file, signal);
  }

  close(): void {
    if (!this.#file.connection.open) return;
    this.#writeMarker(true);
    this.#file.connection.close();
  }

  #unfinished(runId: string): UnfinishedRun {
    const run = withStorageFaults(() => this.#rows.unfinishedRun(runId));
    if (run === null) throw new StationError('S99', `Run ${runId} is not open.`);
    return run;
  }

  /** A result is worth more than its evidence: where that may have been in the way, it is saved without. */
  #close(run: UnfinishedRun, report: RunReport, finishedAt: number): RunResult {
    const content = contentOf(report.evidence);
    const state = { triedEvidence: false };
    const close = (evidence: Uint8Array | null): RunResult => {
      const seq = lastSeqOf(this.#file.connection, this.epoch) + 1;
      const { position, result } = this.#rows.close(run, report, { finishedAt, epoch: this.epoch, seq });
      this.standing.recorded(result);
      this.#outbox.add(position, run.opening.runId, 'run/result', JSON.stringify(result));
      state.triedEvidence = evidence !== null;
      if (evidence !== null) this.#evidence.add(run.opening.runId, position, evidence);
      return result;
    };
    let result: RunResult;
    try {
      result = this.#commit(() => close(content));
    } catch (error) {
      if (!state.triedEvidence) throw error;
      result = this.#commit(() => close(null));
    }
    this.#writeMarker(false);
    return result;
  }

  #writeMarker(durable: boolean): void {
    const { path, hostId } = this.#file;
    try {
      writeMarker(path, { epoch: this.epoch, lastSeq: this.lastSeq(), hostId }, durable);
    } catch (error) {
      // The marker may lag behind a ledger that cannot even be read just now.
      if (!isStorageFault(storageFault(error))) throw error;
    }
  }
}
