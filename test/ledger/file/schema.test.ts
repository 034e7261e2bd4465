import { describe, expect, test } from 'vitest';
import { openForReading, openForWriting } from '../../../src/ledger/file/database.ts';
import { LedgerReader } from '../../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import { resultKeys } from '../../../src/ledger/runs/run-row.ts';
import { migrate, schemaVersion } from '../../../src/ledger/file/schema.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../runs.ts';
import { hostOfVersion1, payloadOfVersion1, writeVersion1 } from '../version-1.ts';

const clock = new VirtualClock();

async function started(path: string): Promise<Ledger> {
  return new Ledger(await openLedgerFile(path, clock, hostOfVersion1), clock);
}

async function tablesOf(path: string): Promise<readonly unknown[]> {
  const connection = await openForReading(path);
  try {
    const tables = connection.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
    return [connection.pragma('user_version', { simple: true }), ...tables];
  } finally {
    connection.close();
  }
}

describe('a ledger of version 1', () => {
  test('is converted at the start and keeps its rows; what it did not know is null', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await writeVersion1(path);
    const ledger = await started(path);
    expect([ledger.notice, ledger.epoch, ledger.lastSeq()]).toEqual([null, 'old', 2]);
    const before = ledger.runs();
    expect(before).toMatchObject([
      { run_id: 'waits', epoch: 'old', seq: 2, bytes: 597_664, bytes_skipped: null, bytes_sent: 398_357 },
      { run_id: 'sent', epoch: 'old', seq: 1, attempt: 1, bytes_skipped: null },
    ]);
    expect(Object.keys(before[0]!)).toEqual(resultKeys);

    expect(ledger.closeInterrupted()).toMatchObject([
      { run_id: 'under-way', seq: 3, code: 'S05', bytes_skipped: null },
    ]);
    ledger.openRun(opening('new'));
    const result = ledger.closeRun('new', passed({ bytesSkipped: 128 }), { finishedAt });
    // The old passes count: this one is a repetition.
    expect(result).toMatchObject({ bytes_skipped: 128, seq: 4, reflash: 1, attempt: null });
    expect(ledger.runs()[0]).toEqual(result);
    ledger.close();
  });

  test('has the same tables afterwards as a new one', async () => {
    using folder = temporaryFolder();
    await writeVersion1(folder.file('old.sqlite'));
    for (const name of ['old.sqlite', 'new.sqlite']) (await started(folder.file(name))).close();
    expect(await tablesOf(folder.file('old.sqlite'))).toEqual(await tablesOf(folder.file('new.sqlite')));
  });

  test('sends what waited with every key, and changes no text in it', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await writeVersion1(path);
    const ledger = await started(path);
    const [row, ...others] = ledger.pendingOutbox(0, 9);
    expect([row?.position, others]).toEqual([2, []]);
    const sent = JSON.parse(row?.payload ?? '{}') as Record<string, unknown>;
    const was = JSON.parse(payloadOfVersion1) as Record<string, unknown>;
    expect(sent).toEqual({ ...was, bytes_skipped: null });
    expect(Object.keys(sent).slice(3, 6)).toEqual(['bytes', 'bytes_skipped', 'bytes_sent']);
    ledger.close();
  });

  test('is not converted by a reader, which says what to do', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await writeVersion1(path);
    await expect(LedgerReader.open(path)).rejects.toThrow(/S01 .*start the station once to convert it/);
    expect((await tablesOf(path))[0]).toBe(1);
  });

  test('stays as it was when the conversion fails', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await writeVersion1(path);
    const before = await tablesOf(path);
    const connection = await openForWriting(path);
    connection.exec("CREATE TRIGGER refuse BEFORE UPDATE ON outbox BEGIN SELECT raise(ABORT, 'no'); END");
    expect(() => migrate(connection, () => null)).toThrow('no');
    connection.exec('DROP TRIGGER refuse');
    connection.close();
    expect(await tablesOf(path)).toEqual(before);
  });
});

test('a ledger is converted once', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await writeVersion1(path);
  (await started(path)).close();
  const first = await tablesOf(path);
  expect(first[0]).toBe(schemaVersion);
  (await started(path)).close();
  expect(await tablesOf(path)).toEqual(first);
});
