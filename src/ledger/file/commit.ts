import type { Connection } from './database.ts';
import { isFull, withStorageFaults } from './storage-errors.ts';
import type { StorageGuard } from './storage-guard.ts';

/** Does work as one transaction that is on disk when it returns. @throws StationError S01, S02; nothing is kept then */
export type Commit = <T>(work: () => T) => T;

/** @param guard gives way on a full disk; null: nothing does */
export function commitTo(connection: Connection, guard: StorageGuard | null): Commit {
  return <T>(work: () => T): T => {
    const commit = (): T => connection.transaction(work).immediate();
    return withStorageFaults(() => {
      try {
        return commit();
      } catch (error) {
        // What is under way is to be saved; the next start is refused until there is room for new ballast.
        if (!isFull(error) || guard?.giveWay() !== true) throw error;
        return commit();
      }
    });
  };
}
