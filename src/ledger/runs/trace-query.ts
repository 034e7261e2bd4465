import type { RunResult } from '../../nest/run/run-result.ts';
import type { Standing } from '../../nest/standing.ts';
import type { Connection } from '../file/database.ts';
import { countedColumns, countedTables } from './run-query.ts';

/** What a module is asked for by. `unit`: the name of a provisional unit, with its `?`. */
export type TraceSubject = { readonly by: 'mac' | 'serial' | 'unit'; readonly name: string };

const columns = [
  'run_id',
  'seq',
  'nest',
  'started_at',
  'finished_at',
  'mode',
  'outcome',
  'code',
  'phase',
  'unit',
  'adopts',
  'reflash',
  'dirty',
  'marginal',
  'mac',
  'serial',
  'chip',
  'flash_id',
  'flash_bytes',
  'job',
  'job_hash',
  'operation',
  'product',
  'release',
  'work_order',
  'lot',
  'operator',
  'ms_total',
  'baud',
  'retries',
  'boot_version',
] as const satisfies readonly (keyof RunResult)[];

/** What may be missing in a run that has no record: one under way, or a refused one. */
type Known = { readonly [Column in (typeof columns)[number]]: RunResult[Column] | null };

/** One run of a module, named as in the record, with how it counts today. */
export interface TracedRun extends Known {
  readonly run_id: string;
  /** refused: the press was turned down after the identification and nothing was written; in no count. */
  readonly state: 'open' | 'writing' | 'closed' | 'refused';
  /** What was seen, one plain sentence. */
  readonly detail: string | null;
  readonly started_at: string;
  /** The end on the corrected clock, ms since 1970; null unless it is closed. */
  readonly at_ms: number | null;
  readonly counted_unit: string | null;
  readonly counted_attempt: number | null;
  readonly counted_link: RunResult['link'] | null;
}

/**
 * Every run of one module in the order of their opening: over all operations, refused ones, one under way, and those
 * without identity that count for it. A provisional unit that has been adopted is the module that it turned out to be.
 */
export function traceRuns(connection: Connection, subject: TraceSubject): TracedRun[] {
  const { by, name } = subject.by === 'unit' ? adopterOf(connection, subject.name) : subject;
  // CROSS JOIN keeps the order of the tables: SQLite would otherwise begin with every run there is.
  return connection
    .prepare<[string], TracedRun>(
      `WITH own AS (SELECT rowid AS id, operation, unit FROM runs WHERE ${by} = ?),
       named AS (
         SELECT DISTINCT own.operation, coalesce(l.unit, own.unit) AS unit
         FROM own LEFT JOIN links l ON l.operation = own.operation AND l.provisional = own.unit
         WHERE own.unit IS NOT NULL),
       wanted AS (
         SELECT id FROM own
         UNION SELECT r.rowid FROM named n CROSS JOIN runs r ON r.unit = n.unit AND r.operation = n.operation
         UNION SELECT r.rowid FROM named n CROSS JOIN links l ON l.operation = n.operation AND l.unit = n.unit
           CROSS JOIN runs r ON r.unit = l.provisional AND r.operation = l.operation)
       SELECT ${columns.map((column) => `r.${column}`).join(', ')}, r.state, r.detail, r.at_ms, ${countedColumns}
       FROM ${countedTables} WHERE r.rowid IN (SELECT id FROM wanted) ORDER BY r.rowid`,
    )
    .all(name);
}

/** What stands about a MAC: that it is on hold, that it was released, that it was erased. In the order in which it was decided. */
export function standingOf(connection: Connection, mac: string): Standing[] {
  return connection
    .prepare<[string], Standing>(
      `SELECT kind, key, value, detail, at, who, position FROM standing
       WHERE kind IN ('hold', 'release', 'erased') AND key = ? ORDER BY rowid`,
    )
    .all(mac);
}

/** The names of units without identity that begin so, a few at most. @param start with its `?` */
export function provisionalUnits(connection: Connection, start: string): string[] {
  return connection
    .prepare<[string, string], string>('SELECT DISTINCT unit FROM runs WHERE unit >= ? AND unit < ? LIMIT 5')
    .pluck()
    .all(start, `${start}\u{10FFFF}`);
}

/** The module that a provisional unit is known to be; itself while it is none. */
function adopterOf(connection: Connection, name: string): TraceSubject {
  const found = connection
    .prepare<[string], { mac: string | null }>(
      `SELECT a.mac FROM runs r JOIN links l ON l.operation = r.operation AND l.provisional = r.unit
       JOIN runs a ON a.run_id = l.run_id WHERE r.unit = ? LIMIT 1`,
    )
    .get(name);
  return found?.mac == null ? { by: 'unit', name } : { by: 'mac', name: found.mac };
}
