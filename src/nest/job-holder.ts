import { asStationError, StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Job } from '../firmware/job.ts';

/**
 * Loads a job and compares its hash with those that may be flashed.
 * @param approved null: any
 * @throws ConfigError, StationError J01 … J05
 */
export async function approvedJob(load: () => Promise<Job>, approved: readonly string[] | null): Promise<Job> {
  const job = await load();
  if (approved?.includes(job.hash) === false) {
    throw new StationError('J03', `Job ${job.name} has the hash ${job.hash}, which is not in "approved".`);
  }
  return job;
}

/** The one job of the station, in memory, or the reason why there is none. */
export class JobHolder {
  readonly #load: () => Promise<Job>;
  readonly #approved: readonly string[] | null;
  readonly #log: Logger;
  readonly #onLoaded: (job: Job) => void;
  #job: Job | null = null;
  #fault: StationError = new StationError('J01');
  #loading: Promise<void> | null = null;

  /** @param approved hashes that may be flashed; null: any */
  constructor(
    load: () => Promise<Job>,
    approved: readonly string[] | null,
    log: Logger,
    onLoaded: (job: Job) => void = () => undefined,
  ) {
    this.#load = load;
    this.#approved = approved;
    this.#log = log;
    this.#onLoaded = onLoaded;
  }

  /** The job that was loaded, if any. */
  get job(): Job | null {
    return this.#job;
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
   * first press after a repair counts.
   * @throws StationError J01 … J05
   */
  current(): Job | Promise<Job> {
    if (this.#job === null) return this.#loadedNow();
    this.#job.assertUnchanged();
    return this.#job;
  }

  async #loadedNow(): Promise<Job> {
    await this.load();
    if (this.#job === null) throw this.#fault;
    return this.#job;
  }

  async #tryToLoad(): Promise<void> {
    try {
      const job = await approvedJob(this.#load, this.#approved);
      this.#job = job;
      this.#onLoaded(job);
      this.#log.info({ event: 'job-loaded', job: job.name, hash: job.hash, operation: job.operation });
    } catch (error) {
      this.#fault = asJobFault(error);
      this.#log.error({ event: 'job-refused', code: this.#fault.code }, this.#fault.message);
    }
  }
}

/** A job file that is no valid job is a fault of the job, not of the program. */
function asJobFault(error: unknown): StationError {
  if (error instanceof Error && 'problems' in error) return new StationError('J01', error.message, { cause: error });
  return asStationError(error);
}
