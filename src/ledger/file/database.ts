import type Database from 'better-sqlite3';
import { StationError } from '../../foundation/faults.ts';
import { storageFault } from './storage-errors.ts';

export type Connection = Database.Database;

const synchronousFull = 2;
/** How long a statement waits for another connection's lock, ms; the event loop stands still meanwhile. */
const busyTimeoutMs = 1_000;

/**
 * Opens a file for writing, creating it when it is missing; its folder must exist.
 * WAL with `synchronous=FULL`: a commit survives a power cut (reliability reference §2.1).
 *
 * @throws StationError S01, or SqliteError SQLITE_NOTADB or SQLITE_CORRUPT when the content is damaged
 */
export async function openForWriting(path: string): Promise<Connection> {
  const connection = await connect(path, {});
  try {
    connection.pragma('journal_mode = WAL');
    // After WAL, on every connection: better-sqlite3 is compiled so that WAL falls back to NORMAL at the first write.
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    assertDurable(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens an existing file for reading. @throws StationError S01 */
export async function openForReading(path: string): Promise<Connection> {
  return connect(path, { readonly: true, fileMustExist: true });
}

/** A database of this moment, in no file. */
export async function openInMemory(): Promise<Connection> {
  return connect(':memory:', {});
}

/** Holds a lock file until it is disposed of; null when another process holds it. @throws StationError S01 */
export async function holdExclusively(path: string): Promise<Disposable | null> {
  const connection = await connect(path, {}, 0);
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return null;
    throw storageFault(error);
  }
  return {
    [Symbol.dispose]: () => {
      connection.close();
    },
  };
}

/** @throws StationError S01 unless commits of this connection survive a power cut */
export function assertDurable(connection: Connection): void {
  const journal: unknown = connection.pragma('journal_mode', { simple: true });
  const synchronous: unknown = connection.pragma('synchronous', { simple: true });
  if (journal === 'wal' && synchronous === synchronousFull) return;
  throw new StationError(
    'S01',
    `The ledger must run with journal_mode wal and synchronous 2, but has ${String(journal)} and ${String(synchronous)}.`,
  );
}

/** What SQLite finds wrong with the file, in its words; null when it finds nothing. */
export function damageOf(connection: Connection): string | null {
  const answer: unknown = connection.pragma('quick_check(1)', { simple: true });
  return answer === 'ok' ? null : String(answer);
}

async function connect(path: string, options: Database.Options, timeout = busyTimeoutMs): Promise<Connection> {
  const { default: Sqlite } = await import('better-sqlite3');
  try {
    return new Sqlite(path, { ...options, timeout });
  } catch (error) {
    throw openFault(path, error);
  }
}

/** Turns the failure to open a file, or to load the native module, into one plain sentence. */
export function openFault(path: string, error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('NODE_MODULE_VERSION')) {
    return new StationError('S01', 'better-sqlite3 was built for another version of Node: run npm rebuild.', {
      cause: error,
    });
  }
  if (text.includes('directory does not exist')) {
    return new StationError('S01', `The folder of the ledger ${path} does not exist.`, { cause: error });
  }
  return storageFault(error);
}
