/**
 * What has been decided at a station and holds until it is taken back, also over a restart:
 *
 * - `lock`: no start; key `station` or the number of a nest, value the code of the cause.
 * - `unlock`: what failed up to then locks the place no more; key as of a lock, value the code of the lock.
 * - `hold`: a MAC that more than one module has; key the MAC, value `D04`.
 * - `release`: failures of this module up to then count against it no longer; key the MAC, value who decided.
 * - `erased`: a person has erased the module or a part of it, so that its pass of before counts no longer; key the MAC, value
 *   what was erased.
 * - `job-approval`: the hash that a job must have; key its name.
 * - `part`: a flash part that was accepted for a product; key the product, value the flash id. There may be several.
 * - `job`: the job that was chosen; key `station`, value its name.
 * - `sample`: the next run of a nest is one with a sample, until it was judged; key the number of the nest, value `golden`
 *   or `limit`, detail the run that was under way then and is not meant.
 * - `seen-part`: a flash part that has been met with a product; key the product, value the flash id. There may be several.
 * - `alarm`: an alarm that lasts until somebody has seen it; key its slug, value what it is about. There may be several.
 */
export type StandingKind =
  | 'lock'
  | 'unlock'
  | 'hold'
  | 'release'
  | 'erased'
  | 'job-approval'
  | 'part'
  | 'job'
  | 'sample'
  | 'seen-part'
  | 'alarm';

export interface Standing {
  readonly kind: StandingKind;
  readonly key: string;
  readonly value: string;
  readonly detail: string | null;
  /** When it was decided, UTC, RFC 3339. */
  readonly at: string;
  /** `station` for a rule of the station, else who gave the command. */
  readonly who: string;
  /** Runs with a higher position were recorded after it. */
  readonly position: number;
}

export type StandingEntry = Pick<Standing, 'kind' | 'key' | 'value' | 'detail' | 'who'>;

/** The decisions that stand; each change is on disk, with a row of the audit trail, when the call returns. */
export interface StandingDecisions {
  /** In the order in which they were made. @param key left out: of every key @throws StationError S01 */
  of(kind: StandingKind, key?: string): Standing[];
  /** In place of what stands for the same kind and key. @throws StationError S01, S02 */
  set(entry: StandingEntry): void;
  /** Beside what stands for the same kind and key. @throws StationError S01, S02 */
  add(entry: StandingEntry): void;
  /** Takes it back. False when nothing stands. @throws StationError S01, S02 */
  end(kind: StandingKind, key: string, who: string): boolean;
}
