import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { newestSoundBackup } from '../backup/backup-files.ts';
import { isGone } from './damage-at-start.ts';
import { moveAside } from './damaged-copies.ts';
import { damageOf, openForReading, openForWriting } from '../database.ts';
import type { EpochMarker } from '../epoch-marker.ts';
import { salvageInto, salvageText } from './salvage.ts';
import type { Salvage } from './salvage.ts';
import { isEmpty, migrate } from '../schema.ts';
import { startEpoch } from '../epochs.ts';

/** A ledger that could not go on, and what took its place. */
export interface Replacement {
  readonly kind: 'damaged' | 'lost';
  /** Plain sentences with the numbers. */
  readonly detail: string;
  /** Where the damaged file is; null when there was none. */
  readonly movedTo: string | null;
  /** The backup that was taken; null: none. */
  readonly backup: string | null;
  readonly salvage: Salvage;
  readonly epoch: string;
}

export interface ReplacementParts {
  readonly damage: string;
  readonly marker: EpochMarker | null;
  readonly hostId: string | null;
  /** Folder of the backups; null: none are made. */
  readonly backups: string | null;
  /** Wall-clock ms. */
  readonly at: number;
}

/**
 * Puts a sound ledger in the place of a damaged one: the newest backup that passes its check, else a new file, with
 * everything that can still be read of the damaged one, in a new epoch. It is finished under another name before the
 * damaged one is moved aside, so that a power cut leaves the one or the other.
 */
export async function replaceLedger(path: string, parts: ReplacementParts): Promise<Replacement> {
  const { damage, marker, hostId, backups, at } = parts;
  const kind = isGone(path) ? 'lost' : 'damaged';
  const next = nextPath(path);
  remove(next);
  const backup = backups === null ? null : await newestSoundBackup(backups, path);
  if (backup !== null) copyFileSync(backup, next);
  const connection = await openForWriting(next);
  let epoch: string;
  let salvage: Salvage;
  try {
    epoch = migrate(connection, () => startEpoch(connection, hostId));
    salvage = await salvageInto(connection, path, marker, at);
  } finally {
    connection.close();
  }
  const movedTo = moveAside(path, at);
  renameSync(next, path);
  syncFolder(dirname(path));
  const base = backup === null ? 'A new one was started' : `The backup ${backup} took its place`;
  const where = movedTo === null ? 'was gone although its marker file is there' : `was damaged (${damage})`;
  const moved = movedTo === null ? '' : `, moved to ${movedTo}`;
  const detail = `The ledger ${where}${moved}. ${base} with what could be read: ${salvageText(salvage)}`;
  return { kind, detail, movedTo, backup, salvage, epoch };
}

/** A power cut between the two renames: the finished one is still under its other name. */
export async function finishReplacement(path: string): Promise<void> {
  const next = nextPath(path);
  if (!isGone(path) || !existsSync(next)) return;
  const connection = await openForReading(next);
  try {
    if (damageOf(connection) !== null || isEmpty(connection)) return;
  } catch {
    return;
  } finally {
    connection.close();
  }
  renameSync(next, path);
}

function nextPath(path: string): string {
  return `${path}.new`;
}

function remove(path: string): void {
  for (const part of ['', '-wal', '-shm', '-journal']) rmSync(path + part, { force: true });
}

/** Makes the renames survive a power cut. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
