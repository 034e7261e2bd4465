import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/**
 * In a thread of its own, since SQLite checks in one go, some seconds for a large file. It also takes the copy out of WAL
 * mode, so that it is one file that needs nothing beside it.
 */
const work = `
  const { parentPort, workerData } = require('node:worker_threads');
  try {
    const database = new (require(workerData.sqlite))(workerData.path, { fileMustExist: true });
    database.pragma('journal_mode = DELETE');
    const answer = database.pragma('quick_check(1)', { simple: true });
    const empty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
    database.close();
    parentPort.postMessage(answer === 'ok' ? (empty ? 'it is empty' : null) : String(answer));
  } catch (error) {
    parentPort.postMessage(error.message);
  }
`;

/**
 * Makes a copy of a ledger a single file and checks it, without the event loop standing still.
 * @returns what is wrong with it; null: nothing
 * @throws the signal's reason when it aborts first
 */
export async function checkInBackground(path: string, signal: AbortSignal): Promise<string | null> {
  signal.throwIfAborted();
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const worker = new Worker(work, { eval: true, workerData: { sqlite, path } });
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      void worker.terminate();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    worker.once('message', (answer: string | null) => resolve(answer));
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', abort);
      reject(new Error('The check ended without an answer.'));
    });
  });
}
