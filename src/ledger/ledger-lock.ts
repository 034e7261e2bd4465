import { dirname } from 'node:path';
import { StationError } from '../foundation/faults.ts';
import { holdExclusively } from './database.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Makes this process the only one that drives the nests of a ledger. The kernel takes the lock away with the process,
 * however that ends; the file `<ledger>.lock` stays and means nothing by itself.
 * @throws StationError S01 when another process has it, or the folder cannot be written
 */
export async function lockLedger(path: string): Promise<Disposable> {
  makeFolder(dirname(path));
  const lock = await holdExclusively(`${path}.lock`);
  if (lock === null) throw new StationError('S01', `Another jigd is working with ${path}; stop it first.`);
  return lock;
}
