import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backupPath } from '../../src/ledger/backup/conversion-backup.ts';
import { openForReading, openForWriting } from '../../src/ledger/file/database.ts';
import type { Connection } from '../../src/ledger/file/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { schemaVersion } from '../../src/ledger/file/schema.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { finishedAt, identity, opening, passed, temporaryFolder } from './runs.ts';
import { hostOfVersion1, writeVersion1 } from './version-1.ts';
import { writeVersion2 } from './version-2.ts';

const clock = new VirtualClock();
const refusal = { code: 'D05', detail: 'It has passed before.', identity, finishedAt } as const;

const versions = [
  { version: 1, write: writeVersion1 },
  { version: 2, write: writeVersion2 },
];

async function started(path: string): Promise<Ledger> {
  return new Ledger(await openLedgerFile(path, clock, hostOfVersion1), clock);
}

async function look<T>(path: string, work: (connection: Connection) => T): Promise<T> {
  const connection = await openForReading(path);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

/** Every value of every table, with the row ids; without the columns that version 1 does not have. */
async function contentOf(path: string): Promise<unknown> {
  return look(path, (connection) => {
    const tables = ['meta', 'jobs', 'runs', 'outbox'].map((table) =>
      connection.prepare<[], Record<string, unknown>>(`SELECT rowid AS id, * FROM ${table} ORDER BY rowid`).all(),
    );
    return tables.map((rows) =>
      rows.map((row) => ({ ...row, bytes_skipped: undefined, at_ms: undefined, exchanged: undefined })),
    );
  });
}

async function tablesOf(path: string): Promise<unknown> {
  return look(path, (connection) => [
    connection.pragma('user_version', { simple: true }),
    ...connection.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all(),
  ]);
}

async function versionOf(path: string): Promise<unknown> {
  return look(path, (connection) => connection.pragma('user_version', { simple: true }));
}

describe.for(versions)('a ledger of version $version', ({ version, write }) => {
  test('keeps every row with its place, and gets the tables of a new one', async () => {
    using folder = temporaryFolder();
    const path = folder.file('old.sqlite');
    await write(path);
    (await started(folder.file('new.sqlite'))).close();
    const before = (await contentOf(path)) as unknown[][];
    (await started(path)).close();
    const after = (await contentOf(path)) as unknown[][];
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[3]).toHaveLength(before[3]!.length);
    expect(await tablesOf(path)).toEqual(await tablesOf(folder.file('new.sqlite')));
  });

  test('goes on as a sound database whose rows still hold one another', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await write(path);
    const { connection } = await openLedgerFile(path, clock, hostOfVersion1);
    expect(connection.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(connection.pragma('foreign_key_check')).toEqual([]);
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(
      connection.prepare('SELECT DISTINCT "table" FROM pragma_foreign_key_list(\'outbox\')').pluck().all(),
    ).toEqual(['runs']);
    expect(() => connection.exec("INSERT INTO outbox VALUES (99, 'nobody', 't', '{}', NULL, 0)")).toThrow(
      /FOREIGN KEY/,
    );
    expect(() => connection.exec("DELETE FROM runs WHERE run_id = 'waits'")).toThrow(/FOREIGN KEY/);
    connection.close();
  });

  test('refuses runs and knows what has passed', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await write(path);
    const ledger = await started(path);
    ledger.closeInterrupted();
    expect(ledger.modules.of({ ...opening(''), mac: identity.mac }).passed).toBe(true);
    ledger.openRun(opening('new'));
    ledger.refuseRun('new', refusal);
    expect(ledger.runs().map((run) => run.run_id)).not.toContain('new');
    ledger.close();
  });

  test('is kept beside it as it was, whole and readable, results in the log included', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await write(path);
    const writer = await openForWriting(path);
    writer.exec("INSERT INTO meta VALUES ('only', 'in the log')");
    const before = [await tablesOf(path), await contentOf(path)];
    const ledger = await started(path);
    writer.close();
    ledger.close();
    const backup = backupPath(path, version);
    expect([await tablesOf(backup), await contentOf(backup)]).toEqual(before);
    expect(await look(backup, (connection) => connection.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  test('is not converted when it cannot be kept, and the reason says what to do', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await write(path);
    const before = [await tablesOf(path), await contentOf(path)];
    mkdirSync(backupPath(path, version));
    const refused = openLedgerFile(path, clock, hostOfVersion1);
    await expect(refused).rejects.toThrow(/S01 .*ledger\.sqlite\.v\d-backup cannot be written .*start again/);
    expect([await tablesOf(path), await contentOf(path)]).toEqual(before);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});

test('the runs under way are closed in the order of their opening after the conversion too', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await writeVersion2(path);
  const ledger = await started(path);
  expect(ledger.runs()[0]).toMatchObject({ run_id: 'failed', seq: 3, bytes_skipped: 4_096, code: 'V01' });
  expect(ledger.pendingOutbox(0, 9).map(({ position, tries }) => [position, tries])).toEqual([
    [2, 0],
    [3, 2],
  ]);
  expect(ledger.closeInterrupted().map(({ run_id, seq, dirty }) => [run_id, seq, dirty])).toEqual([
    ['under-way', 4, 1],
    ['zulu', 5, 0],
    ['alpha', 6, 1],
  ]);
  ledger.close();
});

test('an unfinished copy of a program that was killed is written anew', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await writeVersion2(path);
  const backup = backupPath(path, 2);
  for (const rubbish of [backup, `${backup}.new`, `${backup}.new-journal`]) writeFileSync(rubbish, 'no database');
  (await started(path)).close();
  expect(await versionOf(backup)).toBe(2);
  expect(existsSync(`${backup}.new`)).toBe(false);
  expect(existsSync(`${backup}.new-journal`)).toBe(false);
});

test('only the last copy is kept', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await writeVersion2(path);
  writeFileSync(backupPath(path, 1), 'of an earlier conversion');
  (await started(path)).close();
  expect(readdirSync(folder.path).filter((name) => name.includes('backup'))).toEqual(['ledger.sqlite.v2-backup']);
});

test('a new ledger and one of the present version are not copied', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  for (const runId of ['r1', 'r2']) {
    const ledger = await started(path);
    ledger.openRun(opening(runId));
    ledger.closeRun(runId, passed(), { finishedAt });
    ledger.close();
  }
  expect(await versionOf(path)).toBe(schemaVersion);
  expect(readdirSync(folder.path).filter((name) => name.includes('backup'))).toEqual([]);
});

test('a conversion that fails in the middle leaves the ledger and its copy as they were', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await writeVersion2(path);
  const connection = await openForWriting(path);
  // Rows that refer to nothing, as no version of the program writes them.
  connection.pragma('foreign_keys = OFF');
  connection.exec("INSERT INTO outbox VALUES (9, 'nobody', 'run/result', '{}', NULL, 0)");
  connection.close();
  const before = [await tablesOf(path), await contentOf(path)];
  await expect(started(path)).rejects.toThrow(/S01 .*cannot be converted.*stays as it was/);
  expect([await tablesOf(path), await contentOf(path)]).toEqual(before);
  expect([await tablesOf(backupPath(path, 2)), await contentOf(backupPath(path, 2))]).toEqual(before);
});
