import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openFault, openForWriting } from '../../../src/ledger/file/database.ts';
import { damagedCopies } from '../../../src/ledger/salvage/damaged-copies.ts';
import { markerPath, readMarker } from '../../../src/ledger/file/epoch-marker.ts';
import { LedgerReader } from '../../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import { schemaVersion } from '../../../src/ledger/file/schema.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../runs.ts';

const clock = new VirtualClock(Date.UTC(2026, 2, 14, 8, 0, 0));

async function ledgerWithRuns(path: string, count: number): Promise<string> {
  const ledger = await Ledger.open(path, { clock });
  for (let index = 0; index < count; index += 1) {
    const runId = `${ledger.epoch}-${ledger.lastSeq()}`;
    ledger.openRun(opening(runId));
    ledger.closeRun(runId, passed(), { finishedAt });
  }
  ledger.close();
  return ledger.epoch;
}

async function reopened(path: string) {
  const file = await openLedgerFile(path, clock);
  const ledger = new Ledger(file, clock);
  const found = { epoch: ledger.epoch, notice: ledger.notice, runs: ledger.runs().length, lastSeq: ledger.lastSeq() };
  ledger.close();
  return found;
}

describe('a healthy ledger', () => {
  test('keeps its epoch and its numbers over a restart, and says nothing', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const epoch = await ledgerWithRuns(path, 2);
    expect(await reopened(path)).toEqual({ epoch, notice: null, runs: 2, lastSeq: 2 });
    expect(readMarker(path)).toMatchObject({ epoch, lastSeq: 2 });
  });

  test('two new ledgers have different epochs', async () => {
    using folder = temporaryFolder();
    const epochs = [await ledgerWithRuns(folder.file('one'), 0), await ledgerWithRuns(folder.file('two'), 0)];
    expect(new Set(epochs).size).toBe(2);
    expect(epochs[0]).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('damage', () => {
  test.for<{ name: string; expected?: number; damage: (path: string) => void }>([
    { name: 'no SQLite file', damage: (path) => writeFileSync(path, 'not a database, but long enough to be read') },
    { name: 'truncated to half', damage: (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)) },
    {
      name: 'overwritten in the middle',
      damage: (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0x5a, 4096, 4096 * 6);
        writeFileSync(path, bytes);
      },
    },
    { name: 'truncated to nothing', damage: (path) => truncateSync(path, 0) },
  ])('$name: the file is moved aside and a new epoch begins', async ({ damage, expected = 30 }) => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const epoch = await ledgerWithRuns(path, 30);
    damage(path);
    const damaged = readFileSync(path);
    const found = await reopened(path);
    expect(found).toMatchObject({
      lastSeq: 0,
      notice: { kind: 'damaged', salvage: { runs: found.runs, of: expected } },
    });
    expect(found.epoch).not.toBe(epoch);
    const aside = `${path}.damaged-20260314T080000Z`;
    expect(found.notice).toMatchObject({ movedTo: aside });
    expect(readFileSync(aside).equals(damaged)).toBe(true);
    expect(await reopened(path)).toMatchObject({ epoch: found.epoch, notice: null });
  });

  test('a second damage at the same second overwrites nothing', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    for (const content of ['first', 'second']) {
      writeFileSync(path, `${content}: not a database`);
      await reopened(path);
    }
    expect(readdirSync(folder.path).filter((name) => name.includes('damaged'))).toHaveLength(2);
  });

  test('three damaged ones are kept at the most; the oldest goes', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    for (const content of ['first', 'second', 'third', 'fourth', 'fifth']) {
      writeFileSync(path, `${content}: not a database`);
      await reopened(path);
    }
    const kept = damagedCopies(path).map((file) => readFileSync(file, 'utf8').split(':')[0]);
    expect(kept).toEqual(['third', 'fourth', 'fifth']);
  });

  test('the last one is kept although the clock has gone back and three of before seem to be newer', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    for (const year of [2030, 2031, 2032]) writeFileSync(`${path}.damaged-${year}0101T000000Z`, String(year));
    writeFileSync(path, 'last: not a database');
    await reopened(path);
    const kept = damagedCopies(path).map((file) => readFileSync(file, 'utf8').split(':')[0]);
    expect(kept).toEqual(['last', '2031', '2032']);
  });

  test('a ledger that vanished is started anew and reported', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const epoch = await ledgerWithRuns(path, 1);
    for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true });
    const found = await reopened(path);
    expect(found).toMatchObject({ notice: { kind: 'lost' }, runs: 0 });
    expect(found.epoch).not.toBe(epoch);
  });
});

test('a write-ahead log whose database is gone is kept: results may be in it', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await ledgerWithRuns(path, 1);
  rmSync(path);
  writeFileSync(`${path}-wal`, 'the last results');
  const found = await reopened(path);
  expect(found).toMatchObject({ notice: { kind: 'damaged' }, runs: 0 });
  expect(readFileSync(`${path}.damaged-20260314T080000Z-wal`, 'utf8')).toBe('the last results');
});

describe('a new epoch in the same file', () => {
  test('after an older copy was put back, so that no seq is given twice', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const epoch = await ledgerWithRuns(path, 1);
    copyFileSync(path, folder.file('backup'));
    await ledgerWithRuns(path, 1);
    for (const part of ['-wal', '-shm']) rmSync(path + part, { force: true });
    copyFileSync(folder.file('backup'), path);
    const found = await reopened(path);
    expect(found).toMatchObject({ notice: { kind: 'restored' }, runs: 1, lastSeq: 0 });
    expect(found.epoch).not.toBe(epoch);
    expect(await reopened(path)).toMatchObject({ epoch: found.epoch, notice: null });
  });

  test('on another host; the runs and the order of the outbox go on', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const first = new Ledger(await openLedgerFile(path, clock, 'host-a'), clock);
    first.openRun(opening('r1'));
    first.closeRun('r1', passed(), { finishedAt });
    first.close();
    const moved = new Ledger(await openLedgerFile(path, clock, 'host-b'), clock);
    expect(moved.notice).toMatchObject({ kind: 'other-host' });
    expect(moved.epoch).not.toBe(first.epoch);
    moved.openRun(opening('r2'));
    expect(moved.closeRun('r2', passed(), { finishedAt })).toMatchObject({ seq: 1, reflash: 1 });
    expect(moved.pendingOutbox(0, 9).map(({ position }) => position)).toEqual([1, 2]);
    moved.close();
  });

  test('when the marker is missing or unreadable', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const epoch = await ledgerWithRuns(path, 1);
    writeFileSync(markerPath(path), '{"epoch":');
    const found = await reopened(path);
    expect(found).toMatchObject({ notice: { kind: 'no-marker' }, runs: 1 });
    expect(found.epoch).not.toBe(epoch);
  });
});

describe('what is refused', () => {
  test('a ledger of a newer program, which stays as it is', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    await ledgerWithRuns(path, 1);
    const connection = await openForWriting(path);
    connection.pragma(`user_version = ${schemaVersion + 1}`);
    connection.close();
    const refusal = /S01 .*newer program/;
    await expect(openLedgerFile(path, clock)).rejects.toThrow(refusal);
    await expect(LedgerReader.open(path)).rejects.toThrow(refusal);
    expect(readdirSync(folder.path).some((name) => name.includes('damaged'))).toBe(false);
  });

  test('a folder in place of the file', async () => {
    using folder = temporaryFolder();
    await expect(openLedgerFile(folder.path, clock)).rejects.toThrow(/S01 .*cannot be opened/);
  });

  test('a folder that cannot be made', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('plain'), '');
    await expect(openLedgerFile(folder.file('plain/ledger.sqlite'), clock)).rejects.toThrow(/S01 .*cannot be created/);
  });

  test('a reader of a file that is not there, which is not created', async () => {
    using folder = temporaryFolder();
    await expect(LedgerReader.open(folder.file('none'))).rejects.toThrow('There is no ledger at');
    expect(existsSync(folder.file('none'))).toBe(false);
  });

  test('a native module of another Node, in one sentence', () => {
    const error = new Error(
      'The module was compiled against a different Node.js version using\nNODE_MODULE_VERSION 137',
    );
    expect(openFault('/x', error)).toMatchObject({
      code: 'S01',
      detail: expect.stringContaining('npm rebuild') as string,
    });
  });
});
