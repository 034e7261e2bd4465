import { existsSync } from 'node:fs';
import { StationError } from '../../foundation/faults.ts';
import { openForReading } from '../file/database.ts';
import type { Connection } from '../file/database.ts';
import { deriveAnew } from '../runs/derive-anew.ts';
import { assertCurrent } from '../file/schema.ts';
import { findGaps } from './seq-gaps.ts';
import { isDamage, storageFault } from '../file/storage-errors.ts';

/** One thing that was looked at. */
export interface LedgerFinding {
  readonly check: 'content' | 'references' | 'sequence' | 'units' | 'links' | 'counters' | 'outbox';
  /** What is wrong, a sentence for each; empty: nothing. */
  readonly problems: readonly string[];
}

export interface LedgerCheck {
  readonly runs: number;
  readonly epochs: number;
  readonly findings: readonly LedgerFinding[];
}

/** No more sentences than these are of use. */
const mostProblems = 20;

/**
 * Checks a ledger as a whole, beside a running station, and changes nothing.
 * @throws StationError S01 when there is none, or it cannot be read at all
 */
export async function checkLedger(path: string): Promise<LedgerCheck> {
  if (!existsSync(path))
    throw new StationError('S01', `There is no ledger at ${path}.`, {
      action: 'The station makes it at its first start; look for another path.',
    });
  const connection = await openForReading(path);
  try {
    // One snapshot for all: the station goes on meanwhile.
    connection.exec('BEGIN');
    const content = contentProblems(connection);
    if (content.length > 0) return { runs: 0, epochs: 0, findings: [{ check: 'content', problems: content }] };
    assertCurrent(connection);
    const sequence = findGaps(connection, null).map(({ epoch, from, to }) =>
      from === to ? `Epoch ${epoch} lacks seq ${from}.` : `Epoch ${epoch} lacks seq ${from} to ${to}.`,
    );
    return {
      runs: count(connection, "SELECT count(*) FROM runs WHERE state = 'closed'"),
      epochs: count(connection, "SELECT count(DISTINCT epoch) FROM runs WHERE state = 'closed'"),
      findings: [
        { check: 'content', problems: [] },
        { check: 'references', problems: referenceProblems(connection) },
        { check: 'sequence', problems: sequence },
        ...derivedFindings(connection),
        { check: 'outbox', problems: outboxProblems(connection) },
      ],
    };
  } catch (error) {
    if (isDamage(error)) {
      return { runs: 0, epochs: 0, findings: [{ check: 'content', problems: [`${(error as Error).message}.`] }] };
    }
    throw storageFault(error);
  } finally {
    connection.close();
  }
}

function contentProblems(connection: Connection): string[] {
  const lines = connection.prepare<[], string>(`PRAGMA integrity_check(${mostProblems})`).pluck().all();
  return lines.filter((line) => line !== 'ok').map((line) => `SQLite says: ${line}.`);
}

function referenceProblems(connection: Connection): string[] {
  return connection
    .prepare<[], { table: string; count: number }>(
      'SELECT "table", count(*) AS count FROM pragma_foreign_key_check GROUP BY "table"',
    )
    .all()
    .map(({ table, count }) => `${count} rows of ${table} belong to nothing.`);
}

/** Tables of these names that are temporary are taken by SQLite in place of the ledger's own. */
function derivedFindings(connection: Connection): LedgerFinding[] {
  const tables = ['links', 'units', 'counters'] as const;
  for (const table of tables) {
    connection.exec(`CREATE TEMP TABLE ${table} AS SELECT * FROM main.${table} LIMIT 0`);
    const key = { links: 'operation, provisional', units: 'operation, unit', counters: 'scope, key' }[table];
    connection.exec(`CREATE UNIQUE INDEX temp.${table}_key ON ${table} (${key})`);
  }
  deriveAnew(connection);
  return tables.map((table) => {
    const differing = (one: string, other: string): number =>
      connection
        .prepare<[], number>(
          `SELECT count(*) FROM (SELECT * FROM ${one}.${table} EXCEPT SELECT * FROM ${other}.${table})`,
        )
        .pluck()
        .get() ?? 0;
    const wrong = differing('main', 'temp');
    const missing = differing('temp', 'main');
    if (wrong + missing === 0) return { check: table, problems: [] };
    const problem = `${wrong} rows of ${table} are not what the runs say, ${missing} that the runs ask for are not there.`;
    return { check: table, problems: [problem] };
  });
}

function outboxProblems(connection: Connection): string[] {
  const orphans = count(
    connection,
    "SELECT count(*) FROM outbox WHERE run_id NOT IN (SELECT run_id FROM runs WHERE state = 'closed')",
  );
  const others = count(
    connection,
    `SELECT count(*) FROM outbox o JOIN runs r USING (run_id) WHERE o.topic = 'run/result' AND
       (NOT json_valid(o.payload) OR json_extract(o.payload, '$.run_id') IS NOT o.run_id OR o.position IS NOT r.position)`,
  );
  return [
    ...(orphans === 0 ? [] : [`${orphans} rows of the outbox belong to no closed run.`]),
    ...(others === 0 ? [] : [`${others} rows of the outbox hold the result of another run.`]),
  ];
}

function count(connection: Connection, query: string): number {
  return connection.prepare<[], number>(query).pluck().get() ?? 0;
}
