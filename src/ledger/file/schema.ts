import { StationError } from '../../foundation/faults.ts';
import type { Connection } from './database.ts';
import { migrations } from './migrations.ts';
import { UnitRows } from '../runs/unit-rows.ts';

/** The `user_version` that this program writes. */
export const schemaVersion = migrations.length;

/**
 * Brings a database to the present version and goes on with `next` in the same transaction: all or nothing.
 * @param next is told whether the database was empty before
 * @throws StationError S01 when a newer program has written it
 */
export function migrate<T>(connection: Connection, next: (fresh: boolean) => T): T {
  const steps = migrations.slice(versionOf(connection));
  // A step that builds a table anew drops the old one, to which others refer. Inside a transaction this does nothing.
  connection.pragma('foreign_keys = OFF');
  try {
    return connection
      .transaction(() => {
        const fresh = isEmpty(connection);
        for (const step of steps) connection.exec(step);
        if (steps.length > 0) assertNothingLost(connection);
        if (steps.length > 0 && !fresh) new UnitRows(connection).deriveAll();
        // On a full disk a start must not write what is there already.
        if (steps.length > 0) connection.pragma(`user_version = ${schemaVersion}`);
        return next(fresh);
      })
      .immediate();
  } finally {
    connection.pragma('foreign_keys = ON');
  }
}

function assertNothingLost(connection: Connection): void {
  const lost: unknown = connection.pragma('foreign_key_check');
  if (Array.isArray(lost) && lost.length === 0) return;
  throw new StationError('S01', 'The ledger cannot be converted: its rows do not belong together. It stays as it was.');
}

/** The version of a database that has content and is older than this program; null when nothing is to be converted. */
export function olderVersion(connection: Connection): number | null {
  const version = versionOf(connection);
  return version < schemaVersion && !isEmpty(connection) ? version : null;
}

/** @throws StationError S01 unless the database has exactly the present version */
export function assertCurrent(connection: Connection): void {
  if (versionOf(connection) === schemaVersion) return;
  if (isEmpty(connection)) throw new StationError('S01', 'The file of the ledger holds nothing.');
  throw new StationError('S01', 'The ledger was written by an older program: start the station once to convert it.');
}

/** Whether this program knows the version of the database. */
export function knownVersion(connection: Connection): boolean {
  return Number(connection.pragma('user_version', { simple: true })) <= schemaVersion;
}

/** True when nothing has ever been written: a new file, or one that was truncated to nothing. */
export function isEmpty(connection: Connection): boolean {
  return connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}

function versionOf(connection: Connection): number {
  const version = Number(connection.pragma('user_version', { simple: true }));
  if (version <= schemaVersion) return version;
  throw new StationError(
    'S01',
    `The ledger has version ${version}, written by a newer program; this one knows up to ${schemaVersion}. ` +
      'Install the newer program again, or put a backup of before in its place.',
  );
}
