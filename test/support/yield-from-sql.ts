import type { Connection } from '../../src/ledger/file/database.ts';
import { phases } from './yield-from-records.ts';
import type { PlainFigures, Scope } from './yield-from-records.ts';

const phaseColumns = phases
  .map(
    (phase) => `
    (count(*) FILTER (WHERE entered_${phase}) - count(*) FILTER (WHERE outcome = 'FAIL' AND phase = '${phase}'))
      || '/' || count(*) FILTER (WHERE entered_${phase}) AS phase_${phase}`,
  )
  .join(',');
const entered = phases
  .map((phase) => `(ms_${phase} IS NOT NULL OR (outcome = 'FAIL' AND phase = '${phase}')) AS entered_${phase}`)
  .join(', ');

const scoped = `(@fromMs IS NULL OR at_ms >= @fromMs) AND (@toMs IS NULL OR at_ms < @toMs)
  AND (@lot IS NULL OR lot = @lot) AND (@nest IS NULL OR nest = @nest)
  AND (@job IS NULL OR job = @job) AND (@operation IS NULL OR operation = @operation)`;

/** Countable runs, each with its unit, from `runs` alone: neither `units` nor `counters` nor `links` is read. */
const history = `
  WITH production AS (SELECT * FROM runs WHERE state = 'closed' AND mode = 'production'),
  adopted AS (SELECT operation, adopts, unit FROM production WHERE adopts IS NOT NULL),
  countable AS (
    SELECT p.*, coalesce(a.unit, p.unit) AS counted, a.unit IS NOT NULL AS is_adopted
    FROM production p LEFT JOIN adopted a ON a.operation = p.operation AND a.adopts = p.unit
    WHERE p.outcome IN ('PASS', 'FAIL')
  ),
  ordered AS (
    SELECT *, row_number() OVER unit AS nth,
      coalesce(sum(outcome = 'PASS') OVER (unit ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS passes_before,
      count(*) OVER whole AS runs_of_unit,
      last_value(outcome) OVER whole AS last_outcome
    FROM countable
    WINDOW unit AS (PARTITION BY operation, counted ORDER BY position),
      whole AS (PARTITION BY operation, counted ORDER BY position
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
  ),
  summed AS (
    SELECT *, sum(passes_before = 0) OVER whole AS attempts,
      min(CASE WHEN outcome = 'PASS' AND passes_before = 0 THEN nth END) OVER whole AS passed_at
    FROM ordered WINDOW whole AS (PARTITION BY operation, counted)
  ),
  firsts AS (SELECT *, ${entered} FROM summed WHERE nth = 1 AND ${scoped})`;

const unitFigures = `${history}
  SELECT count(*) AS units,
    count(*) FILTER (WHERE outcome = 'PASS') || '/' || count(*) AS fpy,
    count(*) FILTER (WHERE passed_at <= 1) || '/' || count(*) AS passedBy1,
    count(*) FILTER (WHERE passed_at <= 2) || '/' || count(*) AS passedBy2,
    count(*) FILTER (WHERE passed_at <= 3) || '/' || count(*) AS passedBy3,
    count(*) FILTER (WHERE last_outcome = 'PASS') || '/' || count(*) AS finalYield,
    count(*) FILTER (WHERE last_outcome = 'PASS') AS good,
    count(*) FILTER (WHERE attempts > 1) || '/' || count(*) AS retest,
    count(*) FILTER (WHERE outcome = 'FAIL' AND passed_at > 1) || '/' || count(*) FILTER (WHERE outcome = 'FAIL') AS ntf,
    count(*) FILTER (WHERE outcome = 'PASS') || '/' ||
      count(*) FILTER (WHERE outcome = 'PASS' OR attribution = 'D') AS dutOnlyFpy,
    count(*) FILTER (WHERE is_adopted) || '/' || count(*) AS inferred,
    count(*) FILTER (WHERE counted LIKE '?%') AS unidentified, ${phaseColumns}
  FROM firsts`;

const runFigures = `
  SELECT count(*) FILTER (WHERE outcome = 'PASS') || '/' || count(*) FILTER (WHERE outcome IN ('PASS', 'FAIL')) AS runYield,
    count(*) FILTER (WHERE outcome = 'PASS' AND marginal = 1) || '/' || count(*) FILTER (WHERE outcome = 'PASS') AS marginal,
    count(*) FILTER (WHERE outcome = 'ERROR') AS errors,
    count(*) FILTER (WHERE outcome = 'ABORTED') AS aborted
  FROM runs WHERE state = 'closed' AND mode = 'production' AND ${scoped}`;

const bars = (counts: string): string =>
  `SELECT coalesce(group_concat(code || '=' || n, ' '), '') FROM (${counts} GROUP BY code ORDER BY n DESC, code)`;

/** The figures of a scope, each time from all runs. */
export function figuresFromSql(connection: Connection, scope: Scope = {}): PlainFigures {
  const values = { fromMs: null, toMs: null, lot: null, nest: null, job: null, operation: null, ...scope };
  const one = (query: string): PlainFigures => connection.prepare<[object], PlainFigures>(query).get(values) ?? {};
  const text = (query: string): string => String(connection.prepare<[object]>(query).pluck().get(values));
  const byUnits = `${history} ${bars("SELECT code, count(*) AS n FROM firsts WHERE outcome = 'FAIL'")}`;
  const failedRuns = `SELECT code, count(*) AS n FROM runs
    WHERE state = 'closed' AND mode = 'production' AND outcome = 'FAIL' AND ${scoped}`;
  return {
    ...one(unitFigures),
    ...one(runFigures),
    paretoByUnits: text(byUnits),
    paretoByRuns: text(bars(failedRuns)),
  };
}
