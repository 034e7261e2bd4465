import { StationError } from '../../foundation/faults.ts';

/** What SQLite's error codes mean at the bench; the first matching start of a code counts. */
const causes: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full',
  // On a full disk an opening does not even get to SQLITE_FULL.
  SQLITE_IOERR_SHMSIZE: 'the disk is full',
  SQLITE_IOERR: 'the disk reported an error',
  SQLITE_READONLY: 'the file or its file system is read-only',
  SQLITE_CORRUPT: 'the file is damaged',
  SQLITE_NOTADB: 'the file is damaged or no SQLite database',
  SQLITE_BUSY: 'another program keeps it locked',
  SQLITE_CANTOPEN: 'the file cannot be opened',
  SQLITE_PERM: 'access is denied',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EIO: 'the disk reported an error',
  EROFS: 'the file or its file system is read-only',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EBUSY: 'another program keeps it locked',
};

const fullDisk = /^(?:SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)/;

/** The code of an error of SQLite, such as SQLITE_FULL; null for any other error. */
export function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : null;
}

/** True when there is no room for what was to be written. */
export function isFull(error: unknown): boolean {
  return fullDisk.test(errorCode(error) ?? '');
}

/** True for a failure that the storage is to blame for: of a commit that failed so, nothing is kept. */
export function isStorageFault(error: unknown): boolean {
  return error instanceof StationError && (error.code === 'S01' || error.code === 'S02');
}

/** True when the content of the file is what is wrong, not the disk or the rights around it. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  // SQLite has no code of its own for a number in the header that it does not know.
  if (code === 'SQLITE_ERROR') return error instanceof Error && error.message === 'unsupported file format';
  return code !== null && (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'));
}

/** S02 when the disk is full, S01 when the storage is at fault in another way; any other error is returned as it is. */
export function storageFault(error: unknown): unknown {
  const code = errorCode(error);
  const cause = causeOf(code) ?? (isDamage(error) ? causeOf('SQLITE_CORRUPT') : null);
  if (code === null || cause === null) return error;
  return new StationError(isFull(error) ? 'S02' : 'S01', `The ledger could not be used because ${cause} (${code}).`, {
    cause: error,
  });
}

/** Why the storage refused, as a part of a sentence; for any other error its own text. */
export function storageProblem(error: unknown): string {
  return causeOf(errorCode(error)) ?? (error instanceof Error ? error.message : String(error));
}

/** The code of an error of SQLite or of the file system. */
function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function causeOf(code: string | null): string | null {
  return Object.entries(causes).find(([start]) => code?.startsWith(start) === true)?.[1] ?? null;
}

/** Runs `work`; a fault of the storage leaves it as StationError S01 or S02. */
export function withStorageFaults<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageFault(error);
  }
}
