import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { readWal } from './wal-frames.ts';

/** What SQLite makes where nothing else is asked for, and so what every ledger has. */
const usualPageSize = 4096;
const fileMagic = 'SQLite format 3\0';

/** The pages of a database that SQLite does not read any more, with those in its write-ahead log. Nothing is written. */
export interface DamagedPages extends Disposable {
  readonly pageCount: number;
  /** The `user_version` in its header; null when that cannot be read. */
  readonly version: number | null;
  /** A page by its number, from 1; null when it is not there. */
  page(number: number): Buffer | null;
}

/** @param path a file that may be missing or too short; its log is the one beside it */
export function openDamagedPages(path: string): DamagedPages {
  const walPath = `${path}-wal`;
  const wal = existsSync(walPath) ? readWal(readFileSync(walPath)) : null;
  const pageSize = wal?.pageSize ?? usualPageSize;
  const file = statSync(path, { throwIfNoEntry: false })?.isFile() === true ? openSync(path, 'r') : null;
  const bytes = file === null ? 0 : fstatSync(file).size;
  const highest = Math.max(0, ...(wal?.pages.keys() ?? []));
  const page = (number: number): Buffer | null => {
    const logged = wal?.pages.get(number);
    if (logged !== undefined) return logged;
    if (file === null || number * pageSize > bytes) return null;
    const content = Buffer.allocUnsafe(pageSize);
    return readSync(file, content, 0, pageSize, (number - 1) * pageSize) === pageSize ? content : null;
  };
  const first = page(1);
  const sound = first?.toString('latin1', 0, fileMagic.length) === fileMagic;
  return {
    pageCount: Math.max(highest, Math.floor(bytes / pageSize)),
    version: first !== null && sound ? first.readUInt32BE(60) : null,
    page,
    [Symbol.dispose]: () => {
      if (file !== null) closeSync(file);
    },
  };
}
