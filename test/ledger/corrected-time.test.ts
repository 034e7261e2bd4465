import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backupFile } from '../../src/ledger/backup/backup-files.ts';
import { openForWriting } from '../../src/ledger/file/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { inRecordingOrder } from '../support/yield-from-records.ts';
import type { PublishedRun } from '../support/yield-from-records.ts';
import { opening, passed, temporaryFolder } from './runs.ts';
import { hostOfVersion1 } from './version-1.ts';
import { writeVersion2 } from './version-2.ts';

const clock = new VirtualClock();
/** The host booted then; before the clock is set it shows two days less. */
const bootedAt = Date.UTC(2026, 2, 14, 5);
const behindMs = 2 * 86_400_000;

/** Four runs of one boot, of which the first two and the last were opened before the clock was set. */
async function record(path: string): Promise<{ kept: unknown; published: PublishedRun[] }> {
  const file = await openLedgerFile(path, clock);
  const ledger = new Ledger(file, clock);
  const open = (runId: string, monoMs: number, clockSynced: boolean, nest = 1): void => {
    const startedAt = bootedAt + Math.round(monoMs) - (clockSynced ? 0 : behindMs);
    ledger.openRun(opening(runId, { monoMs, clockSynced, startedAt, nest }));
  };
  const close = (runId: string, endMonoMs: number, totalMs: number, set: boolean): void => {
    const finishedAt = bootedAt + Math.round(endMonoMs) - (set ? 0 : behindMs);
    ledger.closeRun(runId, passed({ totalMs }), { finishedAt });
  };
  open('early', 10_000.4, false);
  close('early', 12_000.8, 2_000.4, false);
  open('also-early', 20_000.6, false);
  close('also-early', 22_001.2, 2_000.6, false);
  open('across', 30_000.6, false, 2);
  open('set', 40_000, true);
  close('set', 41_000, 1_000, true);
  close('across', 45_001.2, 15_000.6, true);
  const kept = file.connection.prepare('SELECT run_id, at_ms FROM runs ORDER BY position').all();
  const published = ledger.pendingOutbox(0, 9).map(({ payload }) => JSON.parse(payload) as PublishedRun);
  ledger.close();
  return { kept, published };
}

test('runs before the clock was set get the time that a stranger derives, which is the true one to 1 ms', async () => {
  using folder = temporaryFolder();
  const { kept, published } = await record(folder.file('ledger.sqlite'));
  const derived = inRecordingOrder(published.toReversed()).map(({ run_id, atMs }) => ({ run_id, at_ms: atMs }));
  expect(kept).toEqual(derived);
  const trueMs = [12_000.8, 22_001.2, 41_000, 45_001.2];
  for (const [index, { at_ms: atMs }] of derived.entries()) {
    expect(Math.abs(atMs - bootedAt - (trueMs[index] ?? 0))).toBeLessThanOrEqual(1);
  }
});

test('a conversion corrects the runs of an older program alike', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await writeVersion2(path);
  const old = await openForWriting(path);
  const set = old.prepare(
    `UPDATE runs SET clock_synced = ?, boot_id = ?, mono_ms = ?, ms_total = ?, started_at = ?, ts_ms = ? WHERE run_id = ?`,
  );
  const time = (ms: number): string => new Date(ms).toISOString();
  set.run(0, 'b', 10_000, 2_000, time(bootedAt - behindMs), bootedAt - behindMs + 2_000, 'sent');
  set.run(0, 'other', 10_000, 2_000, time(bootedAt), bootedAt + 2_000, 'waits');
  set.run(1, 'b', 40_000, 1_000, time(bootedAt + 40_000), bootedAt + 41_000, 'failed');
  old.close();
  const { connection } = await openLedgerFile(path, clock, hostOfVersion1);
  expect(
    connection.prepare("SELECT run_id, at_ms FROM runs WHERE state = 'closed' ORDER BY position").raw().all(),
  ).toEqual([
    ['sent', bootedAt + 12_000],
    ['waits', bootedAt + 2_000],
    ['failed', bootedAt + 41_000],
  ]);
  expect(connection.prepare('SELECT * FROM clock_offsets').raw().all()).toEqual([['b', 40_000, bootedAt + 40_000]]);
  expect(connection.prepare("SELECT first_at_ms FROM units WHERE unit = '5c:cf:7f:12:34:56'").pluck().get()).toBe(
    bootedAt + 12_000,
  );
  connection.close();
});

test('what a salvage brings back has the corrected time, also where the backup was made before the clock was set', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  mkdirSync(folder.file('usb'));
  const ledger = await Ledger.open(path, { clock });
  const early = { monoMs: 10_000, clockSynced: false, startedAt: bootedAt - behindMs + 10_000 };
  ledger.openRun(opening('early', early));
  ledger.closeRun('early', passed({ totalMs: 2_000 }), { finishedAt: early.startedAt + 2_000 });
  await ledger.backUp(backupFile(folder.file('usb'), path, bootedAt), new AbortController().signal);
  ledger.openRun(opening('set', { monoMs: 40_000, startedAt: bootedAt + 40_000 }));
  ledger.closeRun('set', passed({ totalMs: 1_000 }), { finishedAt: bootedAt + 41_000 });
  ledger.close();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, 0, 4_096));
  const file = await openLedgerFile(path, clock, undefined, folder.file('usb'));
  expect(file.notice).toMatchObject({ kind: 'damaged', salvage: { runs: 2, of: 2 } });
  expect(file.connection.prepare('SELECT run_id, at_ms FROM runs ORDER BY position').raw().all()).toEqual([
    ['early', bootedAt + 12_000],
    ['set', bootedAt + 41_000],
  ]);
  expect(file.connection.prepare('SELECT first_at_ms FROM units').pluck().all()).toEqual([bootedAt + 12_000]);
  file.connection.close();
});
