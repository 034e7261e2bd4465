import type { RunResult } from '../../nest/run/run-result.ts';
import type { Connection } from '../file/database.ts';
import { withStorageFaults } from '../file/storage-errors.ts';

const columns = [
  'nest',
  'mode',
  'outcome',
  'code',
  'marginal',
  'retries',
  'ms_connect',
  'ms_write',
  'bytes_skipped',
  'job_hash',
  'product',
  'flash_id',
] as const satisfies readonly (keyof RunResult)[];

/** What is remembered of a run to see trends. */
export type RunTrace = Pick<RunResult, (typeof columns)[number]>;

/** A run that was recorded before; `position` is its place in the order of recording. */
export type RecentRun = RunTrace & { readonly position: number };

/** Passes in production, and those among them that needed repeats. */
export interface MarginalCount {
  readonly passed: number;
  readonly marginal: number;
}

const ofPasses = "state = 'closed' AND mode = 'production' AND outcome = 'PASS'";

/**
 * The last closed runs of a nest, or of the station with whatever nests it had, of every mode, the first one first.
 * @throws StationError S01
 */
export function recentRuns(connection: Connection, place: number | 'station', most: number): RecentRun[] {
  // Refused rows have no position. The order comes from the index `runs_of_nest`, or that of the positions.
  const query = `SELECT position, ${columns.join(', ')} FROM runs
    WHERE ${place === 'station' ? '' : 'nest = @place AND '}position > 0 AND state = 'closed'
    ORDER BY position DESC LIMIT @most`;
  return withStorageFaults(() => connection.prepare<[object], RecentRun>(query).all({ place, most }).toReversed());
}

/**
 * The countable runs since the last FAIL of any mode.
 * @param most where the counting ends
 * @throws StationError S01
 */
export function runsSinceFailure(connection: Connection, most: number): number {
  const query = "SELECT mode, outcome FROM runs WHERE position > 0 AND state = 'closed' ORDER BY position DESC";
  return withStorageFaults(() => {
    let count = 0;
    for (const { mode, outcome } of connection.prepare<[], Pick<RunResult, 'mode' | 'outcome'>>(query).iterate()) {
      if (outcome === 'FAIL') break;
      if (mode === 'production' && outcome === 'PASS') count += 1;
      if (count >= most) break;
    }
    return count;
  });
}

/**
 * The last passes beside those of the time before them. @throws StationError S01
 * @param last how many passes are the last
 * @param beforeMs how long before the first of them the others begin
 */
export function marginalTrend(
  connection: Connection,
  last: number,
  beforeMs: number,
): { readonly recent: MarginalCount; readonly before: MarginalCount } {
  return withStorageFaults(() => {
    // By position: passes of a clock that was ahead would else be the last ones until that time comes. What ended before
    // all of them is before them in position too.
    const recent = connection
      .prepare<[number], MarginalCount & { readonly sinceMs: number | null }>(
        `SELECT count(*) AS passed, coalesce(sum(marginal), 0) AS marginal, min(at_ms) AS sinceMs FROM
           (SELECT at_ms, marginal FROM runs WHERE ${ofPasses} AND position > 0 ORDER BY position DESC LIMIT ?)`,
      )
      .get(last) ?? { passed: 0, marginal: 0, sinceMs: null };
    const { passed, marginal, sinceMs } = recent;
    const none = { passed: 0, marginal: 0 };
    const before =
      sinceMs === null
        ? none
        : connection
            .prepare<[number, number], MarginalCount>(
              `SELECT count(*) AS passed, coalesce(sum(marginal), 0) AS marginal FROM runs
               WHERE ${ofPasses} AND at_ms >= ? AND at_ms < ?`,
            )
            .get(sinceMs - beforeMs, sinceMs);
    return { recent: { passed, marginal }, before: before ?? none };
  });
}
