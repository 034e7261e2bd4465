import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What is kept beside the database, so that a lost, emptied, restored or copied database is noticed (design §8). */
export interface EpochMarker {
  readonly epoch: string;
  /** The highest `seq` given in the epoch, as far as the marker knows: it may lag, it never leads. */
  readonly lastSeq: number;
  /** Which host wrote it; null where the host has no id. */
  readonly hostId: string | null;
}

export function markerPath(databasePath: string): string {
  return `${databasePath}.marker`;
}

/** The marker beside a database; null when it is missing or unreadable. */
export function readMarker(databasePath: string): EpochMarker | null {
  try {
    const found: unknown = JSON.parse(readFileSync(markerPath(databasePath), 'utf8'));
    return isMarker(found) ? found : null;
  } catch {
    return null;
  }
}

/**
 * Replaces the marker as a whole. A disk that refuses is no fault of the run: a missing or older marker costs nothing
 * but a new epoch at the next start.
 *
 * @param durable waits until the disk has it, so that it survives a power cut
 */
export function writeMarker(databasePath: string, marker: EpochMarker, durable: boolean): void {
  const path = markerPath(databasePath);
  const temporary = `${path}.new`;
  try {
    const file = openSync(temporary, 'w', 0o644);
    try {
      writeFileSync(file, `${JSON.stringify(marker)}\n`);
      if (durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch {
    tryToRemove(temporary);
  }
}

function tryToRemove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The commit before it stands, and must not look as if it had failed.
  }
}

/** The id of this host; null where there is none. */
export function readHostId(): string | null {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function isMarker(found: unknown): found is EpochMarker {
  if (typeof found !== 'object' || found === null) return false;
  const { epoch, lastSeq, hostId } = found as Partial<Record<keyof EpochMarker, unknown>>;
  return typeof epoch === 'string' && Number.isInteger(lastSeq) && (hostId === null || typeof hostId === 'string');
}
