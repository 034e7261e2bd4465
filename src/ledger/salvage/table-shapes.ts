import { openInMemory } from '../file/database.ts';
import type { LeafRow, SqlValue } from './leaf-rows.ts';
import { migrations } from '../file/migrations.ts';

/** The tables whose rows are worth salvaging; all others are derived from them. */
const salvagedTables = ['runs', 'outbox', 'jobs', 'audit', 'evidence', 'standing'] as const;
export type SalvagedTable = (typeof salvagedTables)[number];

/** A row with the names of its columns, as its table has them. */
export interface NamedRow {
  readonly table: SalvagedTable;
  readonly rowId: number;
  readonly columns: Readonly<Record<string, SqlValue>>;
}

interface Column {
  readonly name: string;
  readonly type: string;
  /** NULL stands for the row id in a column that is another name of it. */
  readonly mayBeNull: boolean;
  readonly isRowId: boolean;
}

/** What a column must begin with, where two tables have columns of the same types. */
const beginnings: Partial<Record<SalvagedTable, string>> = { jobs: 'sha256:' };

/**
 * Tells of which table a row is. The page does not say it; the number of the columns and their types do.
 * @param version the `user_version` of the ledger that the rows are from
 */
export async function tableShapes(version: number): Promise<(row: LeafRow) => NamedRow | null> {
  const connection = await openInMemory();
  try {
    for (const step of migrations.slice(0, version)) connection.exec(step);
    const tables = salvagedTables.map((table) => ({
      table,
      columns: connection
        .prepare<[string], { name: string; type: string; notnull: 0 | 1; pk: number }>(
          'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid',
        )
        .all(table)
        .map(({ name, type, notnull, pk }): Column => {
          const isRowId = pk === 1 && type === 'INTEGER';
          return { name, type, isRowId, mayBeNull: isRowId || (notnull === 0 && pk === 0) };
        }),
    }));
    return (row) => {
      const found = tables.find(({ table, columns }) => fits(table, columns, row.values));
      return found === undefined ? null : named(found.table, found.columns, row);
    };
  } finally {
    connection.close();
  }
}

function fits(table: SalvagedTable, columns: readonly Column[], values: readonly SqlValue[]): boolean {
  if (columns.length === 0 || values.length !== columns.length) return false;
  const [first] = values;
  const beginning = beginnings[table];
  if (beginning !== undefined && (typeof first !== 'string' || !first.startsWith(beginning))) return false;
  return columns.every(({ type, mayBeNull }, index) => {
    const value = values[index] ?? null;
    return value === null ? mayBeNull : typeOf(value) === type;
  });
}

function typeOf(value: Exclude<SqlValue, null>): string {
  if (typeof value === 'string') return 'TEXT';
  return Buffer.isBuffer(value) ? 'BLOB' : 'INTEGER';
}

function named(table: SalvagedTable, columns: readonly Column[], { rowId, values }: LeafRow): NamedRow {
  return {
    table,
    rowId,
    columns: Object.fromEntries(
      columns.map(({ name, isRowId }, index) => [name, isRowId ? rowId : (values[index] ?? null)]),
    ),
  };
}
