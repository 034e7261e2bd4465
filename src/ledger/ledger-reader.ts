import { existsSync } from 'node:fs';
import { StationError } from '../foundation/faults.ts';
import type { RunEvidence } from '../nest/run-evidence.ts';
import type { RunResult } from '../nest/run-result.ts';
import { openForReading } from './database.ts';
import type { Connection } from './database.ts';
import { readEvidence } from './evidence-rows.ts';
import { resultColumns, resultFromRow } from './run-row.ts';
import { assertCurrent } from './schema.ts';
import { withStorageFaults } from './storage-errors.ts';
import { wilson } from './wilson.ts';
import type { Rate } from './wilson.ts';

/** Every given value must match. */
export interface RunFilter {
  readonly nest?: number;
  /** Lower case with colons. */
  readonly mac?: string;
  /** A failure code, such as V01. */
  readonly code?: string;
  readonly outcome?: RunResult['outcome'];
  readonly job?: string;
  /** The most runs that are returned; default: all. */
  readonly limit?: number;
}

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

const filterColumns = ['nest', 'mac', 'code', 'outcome', 'job'] as const satisfies readonly (keyof RunFilter)[];

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
    const given = filterColumns.filter((column) => filter[column] !== undefined);
    const where = ["state = 'closed'", ...given.map((column) => `${column} = @${column}`)].join(' AND ');
    return this.#results(`WHERE ${where} ORDER BY position DESC LIMIT @limit`, {
      ...filter,
      limit: filter.limit ?? -1,
    });
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

  /** What is kept of a run that did not pass; null when it passed, or when nothing of it is kept. */
  evidenceOf(runId: string): RunEvidence | null {
    return withStorageFaults(() => readEvidence(this.#connection, runId));
  }

  close(): void {
    this.#connection.close();
  }

  #results(tail: string, values: Readonly<Record<string, unknown>>): RunResult[] {
    const query = `SELECT ${resultColumns.join(', ')} FROM runs ${tail}`;
    return withStorageFaults(() => this.#connection.prepare<[object], object>(query).all(values).map(resultFromRow));
  }
}
