import type { Connection } from '../file/database.ts';
import { UnitRows } from './unit-rows.ts';

/**
 * Fills the tables `links`, `units` and `counters` from the runs alone, whatever was in them. Called inside a
 * transaction. Where there are temporary tables of these names, SQLite takes those in place of the ledger's own.
 */
export function deriveAnew(connection: Connection): void {
  connection.exec(`
    DELETE FROM links;
    INSERT OR IGNORE INTO links SELECT operation, adopts, unit, run_id FROM runs
    WHERE state = 'closed' AND adopts IS NOT NULL ORDER BY position;
    DELETE FROM counters;
    INSERT INTO counters (scope, key, runs, passed, failed, errors, aborted, marginal)
    SELECT scope, key, count(*), sum(outcome = 'PASS'), sum(outcome = 'FAIL'), sum(outcome = 'ERROR'),
      sum(outcome = 'ABORTED'), sum(marginal = 1)
    FROM (
      SELECT 'all' AS scope, '' AS key, * FROM runs
      UNION ALL SELECT 'lot', lot, * FROM runs WHERE lot IS NOT NULL
      UNION ALL SELECT 'nest', CAST(nest AS TEXT), * FROM runs WHERE nest IS NOT NULL
    ) WHERE state = 'closed' AND mode = 'production' GROUP BY scope, key;
  `);
  new UnitRows(connection).deriveAll();
}
