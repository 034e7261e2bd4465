import { dirname } from 'node:path';
import type { Clock } from '../../foundation/clock.ts';
import { backUpBeforeConversion } from '../backup/conversion-backup.ts';
import { damageAtStart } from '../salvage/damage-at-start.ts';
import { openForWriting } from './database.ts';
import type { Connection } from './database.ts';
import { readHostId, readMarker, writeMarker } from './epoch-marker.ts';
import { decideEpoch, lastSeqOf } from './epochs.ts';
import type { EpochChange } from './epochs.ts';
import { makeFolder } from './make-folder.ts';
import { finishReplacement, replaceLedger } from '../salvage/replace-ledger.ts';
import type { Replacement } from '../salvage/replace-ledger.ts';
import { migrate, olderVersion } from './schema.ts';
import { storageFault } from './storage-errors.ts';

/** Something about the file that a person has to know; the station goes on with a new epoch. */
export type LedgerNotice = Replacement | EpochChange;

/** A database ready for work, with the epoch in which its next `seq` is given. */
export interface LedgerFile {
  readonly path: string;
  readonly connection: Connection;
  readonly epoch: string;
  readonly hostId: string | null;
  readonly notice: LedgerNotice | null;
}

/**
 * Opens, checks and converts the database; creates it and its folder when they are missing. A damaged database is
 * moved aside as `*.damaged-<time>`, and one with everything that can still be read of it takes its place. One that is to
 * be converted is kept as it was, as `*.v<version>-backup`.
 *
 * @param hostId which host this is; a change of it starts a new epoch
 * @param backups folder of the backups, the newest of which replaces a damaged database; null: there are none
 * @throws StationError S01 when the file cannot be used or was written by a newer program, S02 when the disk is full
 */
export async function openLedgerFile(
  path: string,
  clock: Clock,
  hostId: string | null = readHostId(),
  backups: string | null = null,
): Promise<LedgerFile> {
  makeFolder(dirname(path));
  try {
    await finishReplacement(path, clock.now());
    const marker = readMarker(path);
    const damage = await damageAtStart(path, marker);
    if (damage === null) return await openSound(path, marker, hostId, null);
    const replacement = await replaceLedger(path, { damage, marker, hostId, backups, at: clock.now() });
    // The marker of what was damaged says nothing of what has taken its place.
    return await openSound(path, { epoch: replacement.epoch, lastSeq: 0, hostId }, hostId, replacement);
  } catch (error) {
    throw storageFault(error);
  }
}

async function openSound(
  path: string,
  marker: Parameters<typeof decideEpoch>[2],
  hostId: string | null,
  replacement: Replacement | null,
): Promise<LedgerFile> {
  const connection = await openForWriting(path);
  try {
    const version = olderVersion(connection);
    if (version !== null) await backUpBeforeConversion(connection, path, version);
    const { epoch, change } = migrate(connection, (fresh) => decideEpoch(connection, fresh, marker, hostId));
    writeMarker(path, { epoch, lastSeq: lastSeqOf(connection, epoch), hostId }, true);
    return { path, connection, epoch, hostId, notice: replacement ?? change };
  } catch (error) {
    connection.close();
    throw error;
  }
}
