import { existsSync, statSync } from 'node:fs';
import { damageOf, openForReading } from '../file/database.ts';
import type { EpochMarker } from '../file/epoch-marker.ts';
import { isEmpty, knownVersion } from '../file/schema.ts';
import { isDamage, storageFault } from '../file/storage-errors.ts';

/**
 * What is wrong with the content of a ledger, as the end of "the ledger was damaged"; null when nothing is, and when
 * there is none yet. The file is opened for reading only, so that whatever is found stays as it is.
 *
 * @param marker says that there has been content; null: nothing is known
 * @throws StationError S01, S02 when the file cannot be used for another reason
 */
export async function damageAtStart(path: string, marker: EpochMarker | null): Promise<string | null> {
  const found = statSync(path, { throwIfNoEntry: false });
  const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const written = marker !== null || walBytes > 0;
  if (found === undefined) return written ? gone : null;
  // A folder without a marker is a wrong path in the station file, and no ledger that was lost.
  if (found.isDirectory()) return marker === null ? null : 'a folder was in its place';
  // Looked at before SQLite does: it deletes the WAL beside an empty file, and with it what could be salvaged.
  if (found.size === 0) return written ? emptied : null;
  try {
    return await contentDamage(path, marker, walBytes > 0);
  } catch (error) {
    if (isDamage(error)) return (error as Error).message;
    throw storageFault(error);
  }
}

/** Nothing is left of the ledger but its marker file. */
export function isGone(path: string): boolean {
  return !existsSync(path) && !existsSync(`${path}-wal`);
}

const gone = 'its file was gone';
const emptied = 'it was empty';

async function contentDamage(path: string, marker: EpochMarker | null, hasWal: boolean): Promise<string | null> {
  const connection = await openForReading(path);
  try {
    const damage = damageOf(connection) ?? (marker !== null && isEmpty(connection) ? emptied : null);
    if (damage !== null || marker === null || !hasWal || !knownVersion(connection)) return damage;
    // SQLite leaves out what follows a damaged frame of the WAL without a word; the marker knows of it.
    const same = connection.prepare("SELECT 1 FROM meta WHERE key = 'epoch' AND value = ?").get(marker.epoch);
    const last = connection.prepare('SELECT coalesce(max(seq), 0) FROM runs WHERE epoch = ?').pluck().get(marker.epoch);
    return same !== undefined && Number(last) < marker.lastSeq ? 'its write-ahead log lacks results' : null;
  } finally {
    connection.close();
  }
}
