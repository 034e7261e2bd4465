import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StationError } from '../../foundation/faults.ts';
import { holdExclusively } from './database.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Makes this process the only one that drives the nests of a ledger. The kernel takes the lock away with the process,
 * however that ends; the file `<ledger>.lock` stays and means nothing by itself.
 * @throws StationError S01 when another process has it, or the folder cannot be written
 */
export async function lockLedger(path: string): Promise<Disposable> {
  makeFolder(dirname(path));
  const lock = await holdExclusively(lockFile(path));
  if (lock === null) throw heldElsewhere(path);
  return lock;
}

/** The lock, or why it could not be taken although nobody is known to hold it. */
export type LockAttempt = { readonly lock: Disposable | null; readonly problem: unknown };

/**
 * As `lockLedger`, for who needs no ledger: it makes no file, since one that root made would keep the station out and the
 * folder may not be there yet, and it rejects only when another process holds the lock. Does not wait.
 * @throws StationError S01 when another process has it
 */
export async function lockIfPossible(path: string): Promise<LockAttempt> {
  if (!existsSync(lockFile(path))) return { lock: null, problem: null };
  let lock: Disposable | null;
  try {
    lock = await holdExclusively(lockFile(path));
  } catch (problem) {
    return { lock: null, problem };
  }
  if (lock === null) throw heldElsewhere(path);
  return { lock, problem: null };
}

function lockFile(path: string): string {
  return `${path}.lock`;
}

function heldElsewhere(path: string): StationError {
  return new StationError('S01', `Another jigd is working with ${path}; stop it first.`, {
    action: 'One process alone may drive the nests of a station: `systemctl stop jigd`.',
  });
}
