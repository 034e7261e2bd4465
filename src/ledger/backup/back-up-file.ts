import { existsSync } from 'node:fs';
import { StationError } from '../../foundation/faults.ts';
import { backUpTo } from './back-up.ts';
import { openForReading } from '../file/database.ts';

/**
 * Copies a ledger, also one that a station is working with.
 * @param file must not be there
 * @throws StationError S01, S02, and the signal's reason when it aborts
 */
export async function backUpLedger(ledgerPath: string, file: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(ledgerPath))
    throw new StationError('S01', `There is no ledger at ${ledgerPath}.`, {
      action: 'The station makes it at its first start; look for another path.',
    });
  const connection = await openForReading(ledgerPath);
  try {
    await backUpTo(connection, file, signal);
  } finally {
    connection.close();
  }
}
