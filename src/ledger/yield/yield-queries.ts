import type { Connection } from '../file/database.ts';
import { withStorageFaults } from '../file/storage-errors.ts';
import { countedPhases } from '../runs/unit-rows.ts';
import { noRuns, noUnits, paretoOf, proportion, yieldFigures } from './yield-figures.ts';
import type {
  HourlyYield,
  ParetoBar,
  RunCounts,
  UnitCounts,
  YieldFigures,
  YieldKey,
  YieldKeys,
  YieldPart,
  YieldPeriod,
  YieldScope,
} from './yield-figures.ts';

type Key = YieldKeys[YieldKey];
type Query = 'units' | 'runs';
interface Clause {
  readonly where: string;
  readonly values: readonly (string | number)[];
}

const hourMs = 3_600_000;
const ofProduction = "state = 'closed' AND mode = 'production'";

const phaseColumns = countedPhases
  .map((phase, bit) => {
    const failed = `first_outcome = 'FAIL' AND first_phase = '${phase}'`;
    // A phase that stopped the run was entered, also when its time is not in the record.
    return `coalesce(sum(first_phases >> ${bit} & 1 OR (${failed})), 0) AS entered_${phase},
      coalesce(sum(${failed}), 0) AS failed_${phase}`;
  })
  .join(', ');

const unitColumns = `count(*) AS units,
  coalesce(sum(first_outcome = 'PASS'), 0) AS firstPassed,
  coalesce(sum(passed_attempt <= 2), 0) AS passedBy2,
  coalesce(sum(passed_attempt <= 3), 0) AS passedBy3,
  coalesce(sum(last_outcome = 'PASS'), 0) AS lastPassed,
  coalesce(sum(attempts >= 2), 0) AS retested,
  coalesce(sum(first_outcome = 'FAIL' AND passed_attempt IS NOT NULL), 0) AS foundGood,
  coalesce(sum(first_outcome = 'FAIL' AND first_attribution IN ('C', 'J', 'O', 'S')), 0) AS failedNotDevice,
  coalesce(sum(first_link = 'inferred'), 0) AS inferred,
  coalesce(sum(first_link = 'none'), 0) AS unidentified, ${phaseColumns}`;

const runColumns = `coalesce(sum(outcome = 'PASS'), 0) AS passed, coalesce(sum(outcome = 'FAIL'), 0) AS failed,
  coalesce(sum(outcome = 'ERROR'), 0) AS errors, coalesce(sum(outcome = 'ABORTED'), 0) AS aborted,
  coalesce(sum(marginal = 1), 0) AS marginal`;

/** The figures of a scope. @throws StationError S01 when the ledger cannot be read */
export function yieldOf(connection: Connection, scope: YieldScope): YieldFigures {
  return reading(connection, () => {
    const units = one(connection, `SELECT ${unitColumns} FROM units`, clauseOf('units', scope));
    return yieldFigures((units as UnitCounts | undefined) ?? noUnits, runCounts(connection, scope));
  });
}

/** The figures of each part of a scope that has a unit or a run, in the order of the keys. @throws StationError S01 */
export function yieldBy<By extends YieldKey>(
  connection: Connection,
  by: By,
  scope: YieldScope,
): YieldPart<YieldKeys[By]>[] {
  return reading(connection, () => {
    const unitKey = by === 'operation' ? by : `first_${by}`;
    const units = grouped<UnitCounts>(connection, unitKey, unitColumns, 'units', scope);
    const runs = grouped<RunCounts>(connection, by, runColumns, 'runs', scope);
    const keys = [...new Set([...units.keys(), ...runs.keys()])].toSorted(inOrder) as (YieldKeys[By] | null)[];
    return keys.map((key) => ({ key, figures: yieldFigures(units.get(key) ?? noUnits, runs.get(key) ?? noRuns) }));
  });
}

/** By the code of attempt 1, one for each unit: what is wrong with the product. @throws StationError S01 */
export function paretoByUnits(connection: Connection, scope: YieldScope): ParetoBar[] {
  return pareto(connection, 'first_code', clauseOf('units', scope, "first_outcome = 'FAIL'"), 'units');
}

/** By the code of each failed run: what a nest does to its modules. @throws StationError S01 */
export function paretoByRuns(connection: Connection, scope: YieldScope): ParetoBar[] {
  return pareto(connection, 'code', clauseOf('runs', scope, ofProduction, "outcome = 'FAIL'"), 'runs');
}

/** The run yield of each hour of a period, those without a run too. @throws StationError S01 */
export function hourlyYield(connection: Connection, scope: YieldPeriod): HourlyYield[] {
  return withStorageFaults(() => {
    const hour = `CAST((at_ms - ${Math.round(scope.fromMs)}) / ${hourMs} AS INTEGER)`;
    const runs = grouped<RunCounts>(connection, hour, runColumns, 'runs', scope);
    return Array.from({ length: Math.max(0, Math.ceil((scope.toMs - scope.fromMs) / hourMs)) }, (_, index) => {
      const { passed, failed } = runs.get(index) ?? noRuns;
      return { fromMs: scope.fromMs + index * hourMs, runYield: proportion(passed, passed + failed) };
    });
  });
}

/** Of one moment of the ledger: another process may be writing. */
function reading<T>(connection: Connection, work: () => T): T {
  return withStorageFaults(() => connection.transaction(work).deferred());
}

/** Runs in production since the beginning of the ledger. @throws StationError S01 when the ledger cannot be read */
export function totalRuns(connection: Connection): RunCounts {
  return withStorageFaults(() => runCounts(connection, {}));
}

function runCounts(connection: Connection, scope: YieldScope): RunCounts {
  const kept = keptScope(scope);
  const counts =
    kept === null
      ? one(connection, `SELECT ${runColumns} FROM runs`, clauseOf('runs', scope, ofProduction))
      : one(connection, 'SELECT passed, failed, errors, aborted, marginal FROM counters', {
          where: ' WHERE scope = ? AND key = ?',
          values: kept,
        });
  return (counts as RunCounts | undefined) ?? noRuns;
}

/** The row of `counters` that has the runs of a scope; null: there is none. */
function keptScope({ fromMs, toMs, lot, nest, operation, job }: YieldScope): readonly [string, string] | null {
  if ([fromMs, toMs, operation, job].some((value) => value !== undefined)) return null;
  if (lot === undefined) return nest === undefined ? ['all', ''] : ['nest', String(nest)];
  return nest === undefined ? ['lot', lot] : null;
}

function clauseOf(query: Query, scope: YieldScope, ...also: readonly string[]): Clause {
  const name = (column: string): string => (query === 'units' ? `first_${column}` : column);
  // The + keeps SQLite from the index of the nest, which has every run of it, where a period or a lot has few.
  const narrow = [scope.fromMs, scope.toMs, scope.lot].some((value) => value !== undefined) ? '+' : '';
  const conditions = [
    [`${name('at_ms')} >= ?`, scope.fromMs],
    [`${name('at_ms')} < ?`, scope.toMs],
    [`${name('lot')} = ?`, scope.lot],
    [`${narrow}${name('nest')} = ?`, scope.nest],
    [`${name('job')} = ?`, scope.job],
    ['operation = ?', scope.operation],
  ] as const;
  const given = conditions.filter(([, value]) => value !== undefined);
  const all = [...also, ...given.map(([condition]) => condition)];
  return {
    where: all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`,
    values: given.flatMap(([, value]) => (value === undefined ? [] : [value])),
  };
}

function grouped<Counts extends object>(
  connection: Connection,
  key: string,
  columns: string,
  query: Query,
  scope: YieldScope,
): Map<Key | null, Counts> {
  const { where, values } = clauseOf(query, scope, ...(query === 'runs' ? [ofProduction] : []));
  const rows = connection
    .prepare<unknown[], Counts & { readonly key: Key | null }>(
      `SELECT ${key} AS key, ${columns} FROM ${query}${where} GROUP BY 1`,
    )
    .all(...values);
  return new Map(rows.map((row) => [row.key, row]));
}

function pareto(connection: Connection, column: string, { where, values }: Clause, table: Query): ParetoBar[] {
  return withStorageFaults(() => {
    const query = `SELECT ${column} AS code, count(*) AS count FROM ${table}${where} GROUP BY 1`;
    return paretoOf(connection.prepare<unknown[], { code: string; count: number }>(query).all(...values));
  });
}

/** The only row of an aggregate, or the row of a key. */
function one(connection: Connection, select: string, { where, values }: Clause): unknown {
  return connection.prepare(select + where).get(...values);
}

function inOrder(left: Key | null, right: Key | null): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
