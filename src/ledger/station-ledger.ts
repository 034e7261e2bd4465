import type { Clock } from '../foundation/clock.ts';
import type { Logger } from '../foundation/logger.ts';
import { BackupSchedule } from './backup/backup-schedule.ts';
import type { BackupPlan } from './backup/backup-schedule.ts';
import type { LedgerAlarms } from './ledger-alarms.ts';
import { Ledger } from './ledger.ts';
import { keepNotice, unseenNotice } from './ledger-notice.ts';
import { StorageGuard } from './file/storage-guard.ts';

/** Where a station keeps its ledger. */
export interface LedgerPlace {
  readonly ledgerPath: string;
  /** null: no backups are made. */
  readonly backup: BackupPlan | null;
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly alarms: LedgerAlarms;
}

/**
 * Opens the ledger of a station, says what was found wrong with it, and gives the runs that were found open their end.
 * @throws StationError S01, S02
 */
export async function openStationLedger(
  { ledgerPath, backup }: LedgerPlace,
  { clock, log, alarms }: Surroundings,
): Promise<Ledger> {
  let warned = false;
  const guard = new StorageGuard(ledgerPath, (warning) => {
    if (warning !== null && !warned) log.warn({ event: 'storage-low' }, warning);
    warned = warning !== null;
    alarms.set('storage', warning);
  });
  const ledger = await Ledger.open(ledgerPath, { clock, guard, backups: backup?.to ?? null });
  const { notice } = ledger;
  if (notice !== null) log.error({ event: 'ledger-notice', ...notice }, notice.detail);
  try {
    keepNotice(ledger);
    const unseen = unseenNotice(ledger.standing);
    alarms.set('ledger', unseen?.detail ?? null, unseen?.since);
    // Before any run: what a power cut left open gets its end, and its place in the sequence.
    const interrupted = ledger.closeInterrupted();
    if (interrupted.length > 0) log.warn({ event: 'runs-interrupted', runs: interrupted.map((run) => run.run_id) });
  } catch (error) {
    ledger.close();
    throw error;
  }
  takeBallastOn(guard, log);
  return ledger;
}

/** Begins to make the backups that the station file asks for. */
export function startBackups(
  { ledgerPath, backup: plan }: LedgerPlace,
  ledger: Ledger,
  { clock, log, alarms }: Surroundings,
): BackupSchedule | null {
  if (plan === null) return null;
  const onAttempt = (problem: string | null): void => alarms.set('backup', problem);
  const backups = new BackupSchedule({ ledger, ledgerPath, plan, clock, log, onAttempt });
  backups.start();
  return backups;
}

/** A full disk keeps no station from starting: each press is refused, S02, until there is room. */
function takeBallastOn(guard: StorageGuard, log: Logger): void {
  try {
    guard.assertRoom();
  } catch (error) {
    log.error({ event: 'storage-full', err: error });
  }
}
