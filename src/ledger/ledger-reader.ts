import { existsSync } from 'node:fs';
import { StationError } from '../foundation/faults.ts';
import type { RunResult } from '../nest/run-result.ts';
import { openForReading } from './database.ts';
import type { Connection } from './database.ts';
import { resultColumns, resultFromRow } from './run-row.ts';
import { eachRun, extentOf, listRuns } from './run-query.ts';
import type { CountedRun, RunExtent, RunFilter } from './run-query.ts';
import { assertCurrent } from './schema.ts';
import { withStorageFaults } from './storage-errors.ts';
import { traceRuns } from './trace-query.ts';
import type { TraceSubject, TracedRun } from './trace-query.ts';
import { wilson } from './wilson.ts';
import type { Rate } from './wilson.ts';

/** Counted as production-station reference §5.2 says, with "first ever" within this ledger. */
export interface YieldSummary {
  /** PASS and FAIL runs in production. */
  readonly countable: number;
  readonly passed: number;
  /** passed ÷ countable; null when there is none. */
  readonly runYield: Rate | null;
  /** Units with a countable run, per operation. */
  readonly units: number;
  /** Units whose first countable run ever was a PASS. */
  readonly firstPassed: number;
  /** First-pass yield: firstPassed ÷ units; null when there is none. */
  readonly fpy: Rate | null;
}

/** Questions to a ledger; nothing here writes. */
export class LedgerReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Opens an existing ledger read-only, beside a running station. @throws StationError S01 */
  static async open(path: string): Promise<LedgerReader> {
    if (!existsSync(path)) throw new StationError('S01', `There is no ledger at ${path}.`);
    const connection = await openForReading(path);
    try {
      withStorageFaults(() => {
        assertCurrent(connection);
      });
      return new LedgerReader(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** The closed runs that match, the last one first. */
  runs(filter: RunFilter = {}): RunResult[] {
    return withStorageFaults(() => listRuns(this.#connection, filter));
  }

  /** The closed runs that match, one after the other as they were closed, each with how it counts today. */
  eachRun(filter: Omit<RunFilter, 'limit'>): Generator<CountedRun> {
    return eachRun(this.#connection, filter);
  }

  /** How many closed runs match, and the time that they span. */
  extent(filter: Omit<RunFilter, 'limit'> = {}): RunExtent {
    return withStorageFaults(() => extentOf(this.#connection, filter));
  }

  /** Every run of one module, in the order of their opening. */
  trace(subject: TraceSubject): TracedRun[] {
    return withStorageFaults(() => traceRuns(this.#connection, subject));
  }

  /** The last result of each nest. */
  lastResults(): RunResult[] {
    const last = 'SELECT max(position) FROM runs WHERE nest IS NOT NULL GROUP BY nest';
    return this.#results(`WHERE position IN (${last}) ORDER BY nest`, {});
  }

  yieldSummary(): YieldSummary {
    const counts = withStorageFaults(() =>
      this.#connection
        .prepare<[], Pick<YieldSummary, 'countable' | 'passed' | 'units' | 'firstPassed'>>(
          `SELECT * FROM
             (SELECT coalesce(sum(passed + failed), 0) AS countable, coalesce(sum(passed), 0) AS passed
              FROM counters WHERE scope = 'all'),
             (SELECT count(*) AS units, coalesce(sum(first_outcome = 'PASS'), 0) AS firstPassed FROM units)`,
        )
        .get(),
    ) ?? { countable: 0, passed: 0, units: 0, firstPassed: 0 };
    return {
      ...counts,
      runYield: wilson(counts.passed, counts.countable),
      fpy: wilson(counts.firstPassed, counts.units),
    };
  }

  close(): void {
    this.#connection.close();
  }

  #results(tail: string, values: Readonly<Record<string, unknown>>): RunResult[] {
    const query = `SELECT ${resultColumns.join(', ')} FROM runs ${tail}`;
    return withStorageFaults(() => this.#connection.prepare<[object], object>(query).all(values).map(resultFromRow));
  }
}
