import { openInMemory } from '../file/database.ts';
import type { Connection } from '../file/database.ts';
import { migrations } from '../file/migrations.ts';
import { schemaVersion } from '../file/schema.ts';

/** Far above what any program will have. */
const mostVersion = 1_000;

/** A `user_version` that is not that of its tables. */
export interface WrongVersion {
  readonly says: number;
  /** That of its tables; null: they are those of no version. */
  readonly is: number | null;
}

/**
 * Whether the version in the header of a ledger is wrong; null: it is right, or that of a newer program. Where it says
 * too little, a start would make tables that are there, and where it says too much, it would miss some, for ever.
 */
export async function wrongVersion(connection: Connection): Promise<WrongVersion | null> {
  const says = Number(connection.pragma('user_version', { simple: true }));
  if (says > schemaVersion && says <= mostVersion) return null;
  const fits = await versionsWith(columnsOf(connection));
  return fits.includes(says) ? null : { says, is: fits.at(-1) ?? null };
}

/** The versions whose columns these are, whatever somebody has added beside them. */
async function versionsWith(found: readonly string[]): Promise<number[]> {
  const connection = await openInMemory();
  try {
    const versions = migrations.map((step, index) => {
      connection.exec(step);
      return { version: index + 1, columns: columnsOf(connection) };
    });
    const known = new Set(versions.flatMap(({ columns }) => columns));
    const own = found.filter((column) => known.has(column)).join();
    return versions.filter(({ columns }) => columns.join() === own).map(({ version }) => version);
  } finally {
    connection.close();
  }
}

/** Every column of every table, in an order that is always the same. */
function columnsOf(connection: Connection): string[] {
  return connection
    .prepare<[], string>(
      `SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1`,
    )
    .pluck()
    .all();
}
