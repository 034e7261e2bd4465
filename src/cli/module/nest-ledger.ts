import type { Clock } from '../../foundation/clock.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Target } from './module-target.ts';

/**
 * The ledger of a station that is not running, opened as the station would: what was found wrong with it is kept for the
 * station to tell, and runs that were found open have their end. @throws StationError S01, S02
 */
export async function openNestLedger({ config }: NonNullable<Target['place']>, clock: Clock): Promise<Ledger> {
  const { Ledger } = await import('../../ledger/ledger.ts');
  const { keepNotice } = await import('../../ledger/ledger-notice.ts');
  const ledger = await Ledger.open(config.ledger.path, { clock });
  try {
    keepNotice(ledger);
    ledger.closeInterrupted();
    return ledger;
  } catch (error) {
    ledger.close();
    throw error;
  }
}
