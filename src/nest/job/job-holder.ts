import type { Clock } from '../../foundation/clock.ts';
import { asStationError, StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import { Refusal } from '../../foundation/refusal.ts';
import type { Job } from '../../firmware/job.ts';
import { allowText, notOnList } from './job-approvals.ts';
import type { JobApprovals } from './job-approvals.ts';

/** A job is some megabytes: a disk or a share that takes longer does not answer. */
const loadLimitMs = 10_000;

/**
 * Loads a job and compares its hash with those that may be flashed.
 * @param approved null: any
 * @throws ConfigError, StationError J01 … J05
 */
export async function approvedJob(load: () => Promise<Job>, approved: readonly string[] | null): Promise<Job> {
  const job = await load();
  if (approved?.includes(job.hash) === false) throw notOnList(job);
  return job;
}

export interface JobHolderParts {
  /** Loads a job by its name. @throws ConfigError, StationError J01 … J05 */
  readonly load: (name: string) => Promise<Job>;
  readonly approvals: JobApprovals;
  readonly clock: Clock;
  readonly log: Logger;
  /** A job is in memory. @param before what was; null: nothing */
  readonly onLoaded?: (job: Job, before: Job | null) => void;
}

/** The one job of the station, in memory, or the reason why there is none. */
export class JobHolder {
  readonly #parts: JobHolderParts;
  #name: string | null;
  #job: Job | null = null;
  #fault: StationError = new StationError('J01');
  #loading: Promise<void> | null = null;

  /** @param name of the job to begin with; null: none */
  constructor(name: string | null, parts: JobHolderParts) {
    this.#name = name;
    this.#parts = parts;
  }

  /** The job that was loaded, if any. */
  get job(): Job | null {
    return this.#job;
  }

  /** By which the job was chosen, loaded or not; null: none was. */
  get name(): string | null {
    return this.#name;
  }

  /** Why there is no job; null: there is one. */
  get fault(): StationError | null {
    return this.#job === null ? this.#fault : null;
  }

  /** Loads the job; a job that cannot be loaded refuses starts, not the station. Never rejects. */
  load(): Promise<void> {
    this.#loading ??= this.#tryToLoad().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /**
   * The job for a start, with its files compared. While there is none, this start tries to load it again, so that the
   * first press after a repair counts. What is given is in memory and approved.
   * @throws StationError J01 … J05
   */
  current(): Job | Promise<Job> {
    const job = this.#job;
    if (job === null || !this.#isApproved(job)) return this.#loadedNow();
    try {
      job.assertUnchanged();
      return job;
    } catch (error) {
      if (error instanceof StationError && error.code === 'J03') return this.#changed(job, error);
      throw error;
    }
  }

  /**
   * Another job, or the same anew. It is loaded and checked first, and the switch is one step, so that no start gets in
   * between.
   * @param busy throws while the job may not change
   * @param keep writes the choice down, before the switch @throws to leave everything as it was
   * @throws Refusal, StationError J01 … J05, S01, S02
   */
  async select(name: string, busy: () => void, keep: () => void): Promise<Job> {
    busy();
    const job = await this.#read(name).catch((error: unknown) => {
      throw asJobFault(error);
    });
    busy();
    this.#parts.approvals.check(name, job);
    keep();
    this.#name = name;
    this.#take(job);
    return job;
  }

  /**
   * Approves a hash, and loads the job when it is the one that is chosen and is not in memory like this.
   * @param name null: the job that is chosen
   * @param busy throws while the job may not change
   * @returns what has been done, one plain sentence or two
   * @throws Refusal; StationError S01, S02
   */
  async approve(name: string | null, hash: string, who: string, busy: () => void): Promise<string> {
    const key = name ?? this.#name;
    if (key === null) throw new Refusal('No job is chosen.', 'Name one with --job.');
    const chosen = key === this.#name;
    if (chosen && this.#job !== null && this.#job.hash !== hash) busy();
    const isNew = this.#parts.approvals.approve(key, hash, who);
    const done = isNew ? `Job ${key} may be flashed with the hash ${hash}` : `Job ${key} had this hash already`;
    if (!chosen) return `${done}.`;
    if (this.#job?.hash !== hash) {
      // A load that is under way may have been refused by now.
      await this.#loading;
      await this.load();
    }
    if (this.#job?.hash === hash) return `${done}; it is loaded.`;
    return `${done}. It is not loaded: ${this.#fault.message}`;
  }

  #isApproved({ hash }: Job): boolean {
    return this.#name !== null && this.#parts.approvals.isApproved(this.#name, hash);
  }

  async #loadedNow(): Promise<Job> {
    await this.load();
    if (this.#job === null) throw this.#fault;
    return this.#job;
  }

  /** The files are not what is in memory: says what they are now. @throws StationError J03 */
  async #changed(job: Job, fault: StationError): Promise<Job> {
    const name = this.#name ?? job.name;
    const now = await this.#read(name).catch(() => null);
    if (now === null) throw fault;
    if (now.hash === job.hash) {
      // Put back while it was read, or what loads it does not look at the files.
      job.assertUnchanged();
      return job;
    }
    const { approvals } = this.#parts;
    const was = `The job was loaded with ${job.hash} and is ${now.hash} now;`;
    const advice = approvals.isApproved(name, now.hash)
      ? `that is approved, and \`jigd select-job ${name}\` loads it.`
      : approvals.hasList
        ? 'that is not in "approved".'
        : allowText(name, now.hash);
    throw new StationError('J03', `${fault.detail} ${was} ${advice}`, { cause: fault });
  }

  async #tryToLoad(): Promise<void> {
    const name = this.#name;
    try {
      if (name === null) throw new StationError('J01');
      const job = await this.#read(name);
      // Another one was chosen meanwhile.
      if (name !== this.#name) return;
      this.#parts.approvals.check(name, job);
      this.#take(job);
    } catch (error) {
      if (name === this.#name) this.#refuse(asJobFault(error));
    }
  }

  #take(job: Job): void {
    const before = this.#job;
    const { onLoaded, log } = this.#parts;
    this.#job = job;
    onLoaded?.(job, before);
    log.info({ event: 'job-loaded', job: job.name, hash: job.hash, operation: job.operation });
  }

  #refuse(fault: StationError): void {
    this.#fault = fault;
    if (this.#job !== null && !this.#isApproved(this.#job)) this.#job = null;
    this.#parts.log.error({ event: 'job-refused', code: fault.code }, fault.message);
  }

  /** Within a limit: a later try begins anew. */
  #read(name: string): Promise<Job> {
    const { load, clock } = this.#parts;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(loadLimitMs, () => {
        reject(new StationError('J01', `Job ${name} could not be read within ${loadLimitMs / 1_000} s.`));
      });
      void load(name).then(resolve, reject).finally(cancel);
    });
  }
}

/** A job file that is no valid job is a fault of the job, not of the program. */
function asJobFault(error: unknown): StationError {
  if (error instanceof Error && 'problems' in error) return new StationError('J01', error.message, { cause: error });
  return asStationError(error);
}
