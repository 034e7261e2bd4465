import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StationError } from '../../foundation/faults.ts';

/**
 * Makes the folder of a ledger, with the folders above it. Step by step: Node's own recursive way never returns where
 * the system denies that a folder exists below one that does, as in /proc.
 * @throws StationError S01
 */
export function makeFolder(folder: string): void {
  try {
    makeStepwise(folder);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new StationError('S01', `The folder ${folder} of the ledger cannot be created${reason}.`, { cause: error });
  }
}

function makeStepwise(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(folder);
  if (above !== folder) makeStepwise(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
