import { existsSync, statSync } from 'node:fs';
import { damageOf, openForReading } from '../file/database.ts';
import { openDamagedPages } from './damaged-pages.ts';
import type { EpochMarker } from '../file/epoch-marker.ts';
import { isEmpty, knownVersion } from '../file/schema.ts';
import { wrongVersion } from './version-fit.ts';
import { isDamage, sqliteCode, storageFault } from '../file/storage-errors.ts';

export interface FoundDamage {
  /** As the end of "the ledger was damaged". */
  readonly what: string;
  /** The version that its rows are of, where its header does not say it; null: as it says. */
  readonly version: number | null;
}

/**
 * What is wrong with the content of a ledger; null when nothing is, and when there is none yet. The file is opened for
 * reading only, so that whatever is found stays as it is.
 *
 * @param marker says that there has been content; null: nothing is known
 * @throws StationError S01, S02 when the file cannot be used for another reason
 */
export async function damageAtStart(path: string, marker: EpochMarker | null): Promise<FoundDamage | null> {
  const found = statSync(path, { throwIfNoEntry: false });
  const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const written = marker !== null || walBytes > 0;
  if (found === undefined) return written ? gone : null;
  // A folder without a marker is a wrong path in the station file, and no ledger that was lost.
  if (found.isDirectory()) return marker === null ? null : damaged('a folder was in its place');
  // Looked at before SQLite does: it deletes the WAL beside an empty file, and with it what could be salvaged.
  if (found.size === 0) return written ? emptied : null;
  try {
    return await contentDamage(path, marker, walBytes > 0);
  } catch (error) {
    // Nothing but SQLite's own check was asked for: it has no code of its own for a format that it does not know.
    if (isDamage(error) || sqliteCode(error) === 'SQLITE_ERROR') return damaged((error as Error).message);
    throw storageFault(error);
  }
}

/** Nothing is left of the ledger but its marker file. */
export function isGone(path: string): boolean {
  return !existsSync(path) && !existsSync(`${path}-wal`);
}

const damaged = (what: string, version: number | null = null): FoundDamage => ({ what, version });
const gone = damaged('its file was gone');
const emptied = damaged('it was empty');
/** The highest number that SQLite knows for the format of its files, and where the header has that for writing. */
const knownFormat = 2;
const writeFormatAt = 18;

async function contentDamage(path: string, marker: EpochMarker | null, hasWal: boolean): Promise<FoundDamage | null> {
  const connection = await openForReading(path);
  try {
    const found = damageOf(connection);
    if (found !== null) return damaged(found);
    if (isEmpty(connection)) return marker === null ? null : emptied;
    if (!mayBeWritten(path)) return damaged('its header has a format that there is not');
    const wrong = await wrongVersion(connection);
    // Without a marker its tables have to say that the file is a ledger.
    if (wrong !== null && (marker !== null || wrong.is !== null))
      return damaged(`its header has the version ${wrong.says}, which it is not`, wrong.is);
    if (marker === null || !hasWal || !knownVersion(connection)) return null;
    // SQLite leaves out what follows a damaged frame of the WAL without a word; the marker knows of it.
    const same = connection.prepare("SELECT 1 FROM meta WHERE key = 'epoch' AND value = ?").get(marker.epoch);
    const last = connection.prepare('SELECT coalesce(max(seq), 0) FROM runs WHERE epoch = ?').pluck().get(marker.epoch);
    return same !== undefined && Number(last) < marker.lastSeq ? damaged('its write-ahead log lacks results') : null;
  } finally {
    connection.close();
  }
}

/** SQLite takes a file whose header has an unknown format for writing as one that is read-only, and says no more. */
function mayBeWritten(path: string): boolean {
  using pages = openDamagedPages(path);
  return (pages.page(1)?.readUInt8(writeFormatAt) ?? 0) <= knownFormat;
}
