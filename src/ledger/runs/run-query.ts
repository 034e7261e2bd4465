import type { RunResult } from '../../nest/run/run-result.ts';
import type { Connection } from '../file/database.ts';
import { resultColumns, resultFromRow } from './run-row.ts';
import { storageFault } from '../file/storage-errors.ts';

/** Every given value must match. */
export interface RunFilter {
  readonly nest?: number;
  /** Lower case with colons. */
  readonly mac?: string;
  readonly serial?: string;
  readonly lot?: string;
  /** A failure code, such as V01. */
  readonly code?: string;
  readonly mode?: RunResult['mode'];
  readonly outcome?: RunResult['outcome'];
  readonly job?: string;
  readonly operation?: string;
  /** The end of the run on the corrected clock, ms since 1970; from this on. */
  readonly fromMs?: number;
  /** Before this. */
  readonly toMs?: number;
  /** The most runs that are returned; default: all. */
  readonly limit?: number;
}

/** A record, and how the run counts today: what is learnt later changes no record. */
export interface CountedRun {
  readonly record: RunResult;
  /** The end of the run on the corrected clock, ms since 1970. */
  readonly atMs: number;
  /** The unit that the run counts for; differs from the record's where that has been adopted. */
  readonly countedUnit: string;
  readonly countedLink: RunResult['link'];
  /** 1 is the first countable run ever of the unit; null unless countable and no reflash. */
  readonly countedAttempt: number | null;
}

/** The runs of a scope in numbers; `firstMs` and `lastMs` are null when there is none. */
export interface RunExtent {
  readonly runs: number;
  /** The ends of the first and of the last run on the corrected clock, ms since 1970. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

const conditions: Readonly<Record<Exclude<keyof RunFilter, 'limit'>, string>> = {
  nest: 'r.nest = @nest',
  mac: 'r.mac = @mac',
  serial: 'r.serial = @serial',
  lot: 'r.lot = @lot',
  code: 'r.code = @code',
  mode: 'r.mode = @mode',
  outcome: 'r.outcome = @outcome',
  job: 'r.job = @job',
  operation: 'r.operation = @operation',
  fromMs: 'r.at_ms >= @fromMs',
  toMs: 'r.at_ms < @toMs',
};

/** Of the table `runs` as r and of `links` as l. */
export const countedColumns = `
  coalesce(l.unit, r.unit) AS counted_unit,
  CASE WHEN l.unit IS NULL THEN r.link ELSE 'inferred' END AS counted_link,
  CASE WHEN r.attempt IS NULL THEN NULL
    WHEN l.unit IS NULL AND NOT EXISTS (SELECT 1 FROM links k WHERE k.operation = r.operation AND k.unit = r.unit)
      THEN r.attempt
    ELSE (SELECT count(*) FROM runs c WHERE c.operation = r.operation AND c.attempt IS NOT NULL
      AND c.position <= r.position AND c.unit IN (SELECT coalesce(l.unit, r.unit) UNION ALL
        SELECT k.provisional FROM links k WHERE k.operation = r.operation AND k.unit = coalesce(l.unit, r.unit)))
  END AS counted_attempt`;

/** What `countedColumns` are read from. */
export const countedTables = 'runs r LEFT JOIN links l ON l.operation = r.operation AND l.provisional = r.unit';

const recordColumns = resultColumns.map((column) => `r.${column}`).join(', ');

/** The closed runs that match, the last one first. */
export function listRuns(connection: Connection, filter: RunFilter): RunResult[] {
  const query = `SELECT ${recordColumns} FROM runs r WHERE ${where(filter)} ORDER BY r.position DESC LIMIT @limit`;
  return connection
    .prepare<[object], object>(query)
    .all({ ...filter, limit: filter.limit ?? -1 })
    .map(resultFromRow);
}

interface CountedRow {
  readonly at_ms: number;
  readonly counted_unit: string;
  readonly counted_link: RunResult['link'];
  readonly counted_attempt: number | null;
}

/** Of their closing. */
export type RunOrder = 'first-first' | 'last-first';

/** The closed runs that match, one after the other. @throws StationError S01 */
export function* eachRun(connection: Connection, filter: RunFilter, order: RunOrder): Generator<CountedRun> {
  const query = `SELECT ${recordColumns}, r.at_ms, ${countedColumns} FROM ${countedTables}
    WHERE ${where(filter)} ORDER BY r.position ${order === 'first-first' ? '' : 'DESC'} LIMIT @limit`;
  const values = { ...filter, limit: filter.limit ?? -1 };
  try {
    for (const row of connection.prepare<[object], CountedRow>(query).iterate(values)) {
      yield {
        record: resultFromRow(row),
        atMs: row.at_ms,
        countedUnit: row.counted_unit,
        countedLink: row.counted_link,
        countedAttempt: row.counted_attempt,
      };
    }
  } catch (error) {
    throw storageFault(error);
  }
}

/** How many closed runs match, and the time that they span. */
export function extentOf(connection: Connection, filter: Omit<RunFilter, 'limit'>): RunExtent {
  const query = `SELECT count(*) AS runs, min(r.at_ms) AS firstMs, max(r.at_ms) AS lastMs FROM runs r WHERE ${where(filter)}`;
  const extent = connection.prepare<[object], RunExtent>(query).get(filter);
  return extent ?? { runs: 0, firstMs: null, lastMs: null };
}

function where(filter: RunFilter): string {
  const given = Object.entries(conditions).filter(([key]) => filter[key as keyof RunFilter] !== undefined);
  // The + keeps SQLite from the index of the nest, which has every run of it, where something else selects few.
  const narrow = [filter.mac, filter.serial, filter.lot, filter.fromMs, filter.toMs].some(
    (value) => value !== undefined,
  );
  return [
    "r.state = 'closed'",
    ...given.map(([key, condition]) => (narrow && key === 'nest' ? `+${condition}` : condition)),
  ].join(' AND ');
}
