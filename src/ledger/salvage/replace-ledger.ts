import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { newestSoundBackup } from '../backup/backup-files.ts';
import { isGone } from './damage-at-start.ts';
import type { FoundDamage } from './damage-at-start.ts';
import { moveAside } from './damaged-copies.ts';
import { damageOf, openForReading, openForWriting } from '../file/database.ts';
import type { EpochMarker } from '../file/epoch-marker.ts';
import { salvageInto, salvageText } from './salvage.ts';
import type { Salvage } from './salvage.ts';
import { isEmpty, migrate } from '../file/schema.ts';
import { startEpoch } from '../file/epochs.ts';

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
  readonly damage: FoundDamage;
  readonly marker: EpochMarker | null;
  readonly hostId: string | null;
  /** Folder of the backups; null: none are made. */
  readonly backups: string | null;
  /** Wall-clock ms. */
  readonly at: number;
}

/**
 * Puts a sound ledger in the place of a damaged one: the newest backup that passes its check, else a new file, with
 * everything that can still be read of the damaged one, in a new epoch. It is finished under another name, and gets a
 * third one that says so, before anything of the damaged one is moved: a power cut leaves the one or the other whole.
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
    salvage = await salvageInto(connection, path, { marker, version: damage.version, at });
  } finally {
    connection.close();
  }
  renameSync(next, readyPath(path));
  syncFolder(dirname(path));
  const movedTo = takePlace(path, at);
  const base = backup === null ? 'A new one was started' : `The backup ${backup} took its place`;
  const where = movedTo === null ? 'was gone although its marker file is there' : `was damaged (${damage.what})`;
  const moved = movedTo === null ? '' : `, moved to ${movedTo}`;
  const detail = `The ledger ${where}${moved}. ${base} with what could be read: ${salvageText(salvage)}`;
  return { kind, detail, movedTo, backup, salvage, epoch };
}

/**
 * After a power cut in the middle of the renames: goes on with them.
 * @param at wall-clock ms
 */
export async function finishReplacement(path: string, at: number): Promise<void> {
  if (existsSync(readyPath(path)) && (await isSound(readyPath(path)))) takePlace(path, at);
}

async function isSound(path: string): Promise<boolean> {
  try {
    const connection = await openForReading(path);
    try {
      return damageOf(connection) === null && !isEmpty(connection);
    } finally {
      connection.close();
    }
  } catch {
    return false;
  }
}

/** Where what was there before is now; null when there was nothing. */
function takePlace(path: string, at: number): string | null {
  const movedTo = moveAside(path, at);
  renameSync(readyPath(path), path);
  syncFolder(dirname(path));
  return movedTo;
}

/** Finished, and about to take its place. */
function readyPath(path: string): string {
  return `${path}.ready`;
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
