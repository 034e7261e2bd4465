import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import { backUpBeforeConversion } from './conversion-backup.ts';
import { damageOf, openForWriting } from './database.ts';
import type { Connection } from './database.ts';
import { readHostId, readMarker, writeMarker } from './epoch-marker.ts';
import type { EpochMarker } from './epoch-marker.ts';
import { makeFolder } from './make-folder.ts';
import { isEmpty, migrate, olderVersion } from './schema.ts';
import { isDamage, storageFault } from './storage-errors.ts';

/** Something about the file that a person has to know; the station goes on with a new epoch. */
export type LedgerNotice =
  | { readonly kind: 'damaged'; readonly detail: string; readonly movedTo: string }
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'restored' | 'other-host' | 'no-marker'; readonly detail: string };

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
 * moved aside as `*.damaged-<time>`, never deleted, and a new one takes its place. One that is to be converted is kept
 * as it was, as `*.v<version>-backup`.
 *
 * @param hostId which host this is; a change of it starts a new epoch
 * @throws StationError S01 when the file cannot be used or was written by a newer program
 */
export async function openLedgerFile(
  path: string,
  clock: Clock,
  hostId: string | null = readHostId(),
): Promise<LedgerFile> {
  makeFolder(dirname(path));
  const marker = readMarker(path);
  const opened = await openUndamaged(path, clock, marker);
  const { connection } = opened;
  try {
    const version = olderVersion(connection);
    if (version !== null) await backUpBeforeConversion(connection, path, version);
    const { epoch, change } = migrate(connection, (fresh) => decideEpoch(connection, fresh, marker, hostId));
    writeMarker(path, { epoch, lastSeq: lastSeqOf(connection, epoch), hostId }, true);
    return { path, connection, epoch, hostId, notice: opened.notice ?? change };
  } catch (error) {
    connection.close();
    throw storageFault(error);
  }
}

/** The highest `seq` given in an epoch, 0 when there is none. */
export function lastSeqOf(connection: Connection, epoch: string): number {
  return Number(connection.prepare('SELECT coalesce(max(seq), 0) FROM runs WHERE epoch = ?').pluck().get(epoch));
}

/** Whether the epoch of the database goes on, or which one takes its place. */
function decideEpoch(
  connection: Connection,
  fresh: boolean,
  marker: EpochMarker | null,
  hostId: string | null,
): { epoch: string; change: LedgerNotice | null } {
  const change = fresh ? null : epochChange(connection, marker, hostId);
  const kept = fresh || change !== null ? null : metaValue(connection, 'epoch');
  return { epoch: kept ?? startEpoch(connection, hostId), change };
}

async function openUndamaged(
  path: string,
  clock: Clock,
  marker: EpochMarker | null,
): Promise<{ connection: Connection; notice: LedgerNotice | null }> {
  const first = await tryOpen(path, marker !== null);
  if (first.damage === null) return { connection: first.connection, notice: null };
  const movedTo = moveAside(path, clock);
  const second = await tryOpen(path, false);
  if (second.damage !== null) throw new StationError('S01', `A new ledger is damaged at once: ${second.damage}.`);
  return {
    connection: second.connection,
    notice: movedTo === null ? lostNotice : damagedNotice(first.damage, movedTo),
  };
}

type Attempt =
  { readonly damage: null; readonly connection: Connection } | { readonly damage: string; readonly connection: null };

/** @param written there has been content, so that an empty database is a damaged one */
async function tryOpen(path: string, written: boolean): Promise<Attempt> {
  // Looked at before SQLite does: it deletes the WAL beside an empty file, and with it what could be salvaged.
  if (written && sizeOf(path) === 0) return { damage: emptied, connection: null };
  let connection: Connection | null = null;
  try {
    connection = await openForWriting(path);
    const damage = damageOf(connection) ?? (written && isEmpty(connection) ? emptied : null);
    if (damage === null) return { damage, connection };
    connection.close();
    return { damage, connection: null };
  } catch (error) {
    connection?.close();
    if (isDamage(error)) return { damage: (error as Error).message, connection: null };
    throw storageFault(error);
  }
}

const emptied = 'it was empty';

/** Renames the database and what belongs to it; null when there was nothing. */
function moveAside(path: string, clock: Clock): string | null {
  const parts = ['-wal', '-shm', ''].filter((part) => existsSync(path + part));
  if (parts.length === 0) return null;
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const taken = (target: string): boolean => ['', '-wal'].some((part) => existsSync(target + part));
  let target = `${path}.damaged-${stamp}`;
  for (let copy = 2; taken(target); copy += 1) target = `${path}.damaged-${stamp}-${copy}`;
  for (const part of parts) renameSync(path + part, target + part);
  return target;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Why the epoch of the database cannot go on: the same (epoch, seq) could otherwise be given twice. */
function epochChange(connection: Connection, marker: EpochMarker | null, hostId: string | null): LedgerNotice | null {
  if (metaValue(connection, 'host_id') !== hostId) {
    return { kind: 'other-host', detail: 'The ledger comes from another host; a new epoch was started.' };
  }
  if (marker === null) {
    return { kind: 'no-marker', detail: 'The marker file of the ledger is missing; a new epoch was started.' };
  }
  const epoch = metaValue(connection, 'epoch');
  if (epoch === marker.epoch && lastSeqOf(connection, epoch) >= marker.lastSeq) return null;
  return { kind: 'restored', detail: 'The ledger is older than its marker file; a new epoch was started.' };
}

function startEpoch(connection: Connection, hostId: string | null): string {
  const epoch = randomBytes(8).toString('hex');
  const set = connection.prepare(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  set.run('epoch', epoch);
  if (hostId === null) connection.prepare("DELETE FROM meta WHERE key = 'host_id'").run();
  else set.run('host_id', hostId);
  return epoch;
}

function metaValue(connection: Connection, key: string): string | null {
  const value: unknown = connection.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
  return typeof value === 'string' ? value : null;
}

const lostNotice: LedgerNotice = {
  kind: 'lost',
  detail: 'The ledger was gone although its marker file is there; a new one was started.',
};

function damagedNotice(damage: string, movedTo: string): LedgerNotice {
  const detail = `The ledger was damaged (${damage}) and moved to ${movedTo}; a new one was started.`;
  return { kind: 'damaged', detail, movedTo };
}
