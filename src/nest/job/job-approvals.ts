import { asStationError, StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import { Refusal } from '../../foundation/refusal.ts';
import type { Job } from '../../firmware/job.ts';
import type { StandingDecisions } from '../standing.ts';

/** A job's hash that is on no list of the station file. */
export function notOnList({ name, hash }: Job): StationError {
  return new StationError('J03', `Job ${name} has the hash ${hash}, which is not in "approved".`);
}

/**
 * Which bytes may be flashed (design, promise 6). With a list in the station file, those on it and no others. Without
 * one, of each job the hash that was seen first, until a person approves another.
 */
export class JobApprovals {
  readonly #list: readonly string[] | null;
  readonly #standing: StandingDecisions;
  readonly #log: Logger;
  /** Name of a job -> the hash that it must have: a start does not have to wait for the ledger. */
  readonly #pinned = new Map<string, string>();
  /** Names of jobs whose first hash could not be saved yet. */
  readonly #unsaved = new Set<string>();

  /** @param list hashes that may be flashed; null: there is no list @throws StationError S01 */
  constructor(list: readonly string[] | null, standing: StandingDecisions, log: Logger) {
    this.#list = list;
    this.#standing = standing;
    this.#log = log;
    for (const { key, value } of standing.of('job-approval')) this.#pinned.set(key, value);
  }

  /** The station file decides, and nobody else. */
  get hasList(): boolean {
    return this.#list !== null;
  }

  /** @param name by which the job is chosen */
  isApproved(name: string, hash: string): boolean {
    // Before a module gets those bytes: after a restart another hash must not be the first.
    for (const each of this.#unsaved) this.#save(each);
    return this.#has(name, hash);
  }

  /** Approves the first hash of a job that was never seen. @throws StationError J03 when the job has another hash than it must */
  check(name: string, job: Job): void {
    if (this.#list === null && !this.#pinned.has(name)) this.#pin(name, job.hash);
    if (!this.#has(name, job.hash)) throw this.refusal(name, job);
  }

  /** Why a job with this hash is not flashed, and what to do. */
  refusal(name: string, job: Job): StationError {
    if (this.#list !== null) return notOnList(job);
    const pinned = this.#pinned.get(name) ?? 'none';
    return new StationError(
      'J03',
      `Job ${name} has the hash ${job.hash}; approved is ${pinned}. ${allowText(name, job.hash)}`,
    );
  }

  /**
   * From now on this hash and no other.
   * @returns whether it is another than before
   * @throws Refusal when the station file has a list; StationError S01, S02
   */
  approve(name: string, hash: string, who: string): boolean {
    if (this.#list !== null) {
      throw new Refusal(
        'The station file lists the hashes that may be flashed, and that list alone decides.',
        'Put the hash into its key `approved` and start the station again.',
      );
    }
    const before = this.#pinned.get(name);
    this.#standing.set({ kind: 'job-approval', key: name, value: hash, detail: null, who });
    this.#pinned.set(name, hash);
    this.#unsaved.delete(name);
    return before !== hash;
  }

  #has(name: string, hash: string): boolean {
    return this.#list === null ? this.#pinned.get(name) === hash : this.#list.includes(hash);
  }

  #pin(name: string, hash: string): void {
    // Before the write: a disk that is full just now keeps no station from working.
    this.#pinned.set(name, hash);
    this.#save(name);
  }

  #save(name: string): void {
    const hash = this.#pinned.get(name);
    if (hash === undefined) return;
    try {
      this.#standing.set({ kind: 'job-approval', key: name, value: hash, detail: 'seen first', who: 'station' });
      this.#unsaved.delete(name);
      this.#log.info(
        { event: 'job-pinned', job: name, hash },
        `The first hash of job ${name} is approved from now on.`,
      );
    } catch (error) {
      this.#unsaved.add(name);
      this.#log.warn({ event: 'job-pin-not-saved', job: name, code: asStationError(error).code });
    }
  }
}

/** Which command allows a hash. */
export function allowText(name: string, hash: string): string {
  return `\`jigd approve ${hash} --job ${name}\` allows it.`;
}
