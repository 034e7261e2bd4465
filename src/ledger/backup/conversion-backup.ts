import { renameSync, rmSync } from 'node:fs';
import { StationError } from '../../foundation/faults.ts';
import type { Connection } from '../file/database.ts';
import { schemaVersion } from '../file/schema.ts';
import { storageProblem } from '../file/storage-errors.ts';

/** Where a ledger of `version` is kept, as it was before its conversion. */
export function backupPath(databasePath: string, version: number): string {
  return `${databasePath}.v${version}-backup`;
}

/**
 * Copies a ledger, page by page and with all that is only in its write-ahead log, before it is converted: there is no
 * other way back to the older program. Only the last such copy is kept, so that they never fill the disk.
 * @throws StationError S01 when there is no copy; the ledger is not to be converted then
 */
export async function backUpBeforeConversion(connection: Connection, path: string, version: number): Promise<void> {
  const backup = backupPath(path, version);
  const unfinished = `${backup}.new`;
  try {
    remove(unfinished);
    await connection.backup(unfinished);
    renameSync(unfinished, backup);
    for (let other = 0; other < schemaVersion; other += 1) if (other !== version) remove(backupPath(path, other));
  } catch (error) {
    tryToRemove(unfinished);
    throw new StationError(
      'S01',
      `The ledger ${path} must be converted and its copy ${backup} cannot be written (${storageProblem(error)}): ` +
        'make room for it in that folder, let the station write there, and start again. Nothing was changed.',
      { cause: error },
    );
  }
}

/** A copy that a killed program left unfinished has its journal beside it. */
function remove(path: string): void {
  for (const part of ['', '-journal']) rmSync(path + part, { force: true });
}

function tryToRemove(path: string): void {
  try {
    remove(path);
  } catch {
    // What kept the copy from being written is what matters.
  }
}
