import { randomBytes } from 'node:crypto';
import type { Connection } from './database.ts';
import type { EpochMarker } from './epoch-marker.ts';

/** Why a sound ledger goes on with a new epoch. */
export interface EpochChange {
  readonly kind: 'restored' | 'other-host' | 'no-marker';
  readonly detail: string;
}

/** The highest `seq` given in an epoch, 0 when there is none. */
export function lastSeqOf(connection: Connection, epoch: string): number {
  return Number(connection.prepare('SELECT coalesce(max(seq), 0) FROM runs WHERE epoch = ?').pluck().get(epoch));
}

/**
 * Whether the epoch of the database goes on, or which one takes its place.
 * @param fresh the database has just been made
 */
export function decideEpoch(
  connection: Connection,
  fresh: boolean,
  marker: EpochMarker | null,
  hostId: string | null,
): { readonly epoch: string; readonly change: EpochChange | null } {
  const change = fresh ? null : epochChange(connection, marker, hostId);
  const kept = fresh || change !== null ? null : metaValue(connection, 'epoch');
  return { epoch: kept ?? startEpoch(connection, hostId), change };
}

export function startEpoch(connection: Connection, hostId: string | null): string {
  const epoch = randomBytes(8).toString('hex');
  const set = connection.prepare(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  set.run('epoch', epoch);
  if (hostId === null) connection.prepare("DELETE FROM meta WHERE key = 'host_id'").run();
  else set.run('host_id', hostId);
  return epoch;
}

/** Why the epoch of the database cannot go on: the same (epoch, seq) could otherwise be given twice. */
function epochChange(connection: Connection, marker: EpochMarker | null, hostId: string | null): EpochChange | null {
  if (metaValue(connection, 'host_id') !== hostId) {
    return { kind: 'other-host', detail: 'The ledger comes from another host; a new epoch was started.' };
  }
  if (marker === null) {
    return { kind: 'no-marker', detail: 'The marker file of the ledger is missing; a new epoch was started.' };
  }
  const epoch = metaValue(connection, 'epoch');
  const last = lastSeqOf(connection, marker.epoch);
  if (epoch === marker.epoch && last >= marker.lastSeq) return null;
  const numbers = `it has the runs up to seq ${last} of the ${marker.lastSeq} that were recorded here last`;
  return {
    kind: 'restored',
    detail: `The ledger is older than its marker file: ${numbers}. A new epoch was started.`,
  };
}

function metaValue(connection: Connection, key: string): string | null {
  const value: unknown = connection.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
  return typeof value === 'string' ? value : null;
}
