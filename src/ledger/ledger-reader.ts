import { existsSync } from 'node:fs';
import { StationError } from '../foundation/faults.ts';
import type { RunEvidence } from '../nest/evidence/run-evidence.ts';
import type { RunResult } from '../nest/run/run-result.ts';
import type { Standing } from '../nest/standing.ts';
import { openForReading } from './file/database.ts';
import type { Connection } from './file/database.ts';
import { readEvidence } from './evidence/evidence-rows.ts';
import { marginalTrend, recentRuns, runsSinceFailure } from './runs/recent-runs.ts';
import type { MarginalCount, RecentRun } from './runs/recent-runs.ts';
import { resultColumns, resultFromRow } from './runs/run-row.ts';
import { eachRun, extentOf, listRuns } from './runs/run-query.ts';
import type { CountedRun, RunExtent, RunFilter, RunOrder } from './runs/run-query.ts';
import { assertCurrent } from './file/schema.ts';
import { withStorageFaults } from './file/storage-errors.ts';
import { provisionalUnits, standingOf, traceRuns } from './runs/trace-query.ts';
import type { TraceSubject, TracedRun } from './runs/trace-query.ts';
import type {
  HourlyYield,
  ParetoBar,
  RunCounts,
  YieldFigures,
  YieldKey,
  YieldKeys,
  YieldPart,
  YieldPeriod,
  YieldScope,
} from './yield/yield-figures.ts';
import { hourlyYield, paretoByRuns, paretoByUnits, totalRuns, yieldBy, yieldOf } from './yield/yield-queries.ts';

/** Questions to a ledger; nothing here writes. */
export class LedgerReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Opens an existing ledger read-only, beside a running station, as it is at this moment: what is recorded later is in
   * none of the answers, so that they agree with each other.
   * @throws StationError S01
   */
  static async open(path: string): Promise<LedgerReader> {
    if (!existsSync(path))
      throw new StationError('S01', `There is no ledger at ${path}.`, {
        action: 'The station makes it at its first start; look for another path.',
      });
    const connection = await openForReading(path);
    try {
      withStorageFaults(() => {
        connection.exec('BEGIN');
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

  /** The closed runs that match, one after the other, each with how it counts today. */
  eachRun(filter: RunFilter, order: RunOrder): Generator<CountedRun> {
    return eachRun(this.#connection, filter, order);
  }

  /** How many closed runs match, and the time that they span. */
  extent(filter: Omit<RunFilter, 'limit'> = {}): RunExtent {
    return withStorageFaults(() => extentOf(this.#connection, filter));
  }

  /** Every run of one module, in the order of their opening. */
  trace(subject: TraceSubject): TracedRun[] {
    return withStorageFaults(() => traceRuns(this.#connection, subject));
  }

  /** Whether a MAC is on hold, and when it was released last. */
  standingOf(mac: string): Standing[] {
    return withStorageFaults(() => standingOf(this.#connection, mac));
  }

  /** The names of units without identity that begin so, a few at most. */
  provisionalUnits(start: string): string[] {
    return withStorageFaults(() => provisionalUnits(this.#connection, start));
  }

  /** The last result of each nest. */
  lastResults(): RunResult[] {
    const last = 'SELECT max(position) FROM runs WHERE nest IS NOT NULL GROUP BY nest';
    return this.#results(`WHERE position IN (${last}) ORDER BY nest`, {});
  }

  /** The yields of a scope. @throws StationError S01, as with every question here */
  yieldOf(scope: YieldScope = {}): YieldFigures {
    return yieldOf(this.#connection, scope);
  }

  /** The yields of each nest, lot, job or operation of a scope. */
  yieldBy<By extends YieldKey>(by: By, scope: YieldScope = {}): YieldPart<YieldKeys[By]>[] {
    return yieldBy(this.#connection, by, scope);
  }

  /** The run yield of each hour of a period. */
  hourlyYield(scope: YieldPeriod): HourlyYield[] {
    return hourlyYield(this.#connection, scope);
  }

  /** Failures by code: of attempt 1, one for each unit, or of all countable runs. Never to be mixed. */
  pareto(by: 'units' | 'runs', scope: YieldScope = {}): ParetoBar[] {
    return by === 'units' ? paretoByUnits(this.#connection, scope) : paretoByRuns(this.#connection, scope);
  }

  /** Runs in production since the beginning of the ledger; they only ever grow. */
  totals(): RunCounts {
    return totalRuns(this.#connection);
  }

  /** The last runs of a nest or of the station, of every mode, the first one first. @throws StationError S01 */
  recentRuns(place: number | 'station', most: number): RecentRun[] {
    return recentRuns(this.#connection, place, most);
  }

  /** The countable runs since the last FAIL of any mode, counted up to `most`. @throws StationError S01 */
  runsSinceFailure(most: number): number {
    return runsSinceFailure(this.#connection, most);
  }

  /** The last passes beside those of the time before them, ms. @throws StationError S01 */
  marginalTrend(last: number, beforeMs: number): { readonly recent: MarginalCount; readonly before: MarginalCount } {
    return marginalTrend(this.#connection, last, beforeMs);
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
