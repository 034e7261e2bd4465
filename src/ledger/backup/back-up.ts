import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StationError } from '../../foundation/faults.ts';
import { checkInBackground } from './background-check.ts';
import type { Connection } from '../file/database.ts';
import { storageProblem } from '../file/storage-errors.ts';

/** Pages that are copied before the event loop has its turn: some ms. */
const pagesAtOnce = 200;

/**
 * Copies a ledger that is in use, checks the copy, and gives it its name only then. Runs can be recorded meanwhile.
 * @param file must not be there, its folder must: that of a medium which is not mounted is not made
 * @throws StationError S01, S02 when there is no sound copy, and the signal's reason when it aborts; nothing is left then
 */
export async function backUpTo(connection: Connection, file: string, signal: AbortSignal): Promise<void> {
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new StationError('S01', `The folder ${folder} for the backup is not there: is the medium mounted?`);
  }
  if (existsSync(file)) throw new StationError('S01', `The file ${file} is there already; a backup replaces nothing.`);
  const unfinished = `${file}.new`;
  try {
    remove(unfinished);
    await connection.backup(unfinished, {
      progress: () => {
        signal.throwIfAborted();
        return pagesAtOnce;
      },
    });
    const damage = await checkInBackground(unfinished, signal);
    if (damage !== null) throw new Error(`the copy is damaged: ${damage}`);
    sync(unfinished);
    renameSync(unfinished, file);
    sync(folder);
  } catch (error) {
    try {
      remove(unfinished);
    } catch {
      // What kept the copy from being made is what matters.
    }
    if (signal.aborted) throw signal.reason;
    throw new StationError('S01', `The backup ${file} could not be made (${storageProblem(error)}).`, { cause: error });
  }
}

/** A medium that is pulled a moment later has it. */
function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function remove(path: string): void {
  for (const part of ['', '-journal', '-wal', '-shm']) rmSync(path + part, { force: true });
}
