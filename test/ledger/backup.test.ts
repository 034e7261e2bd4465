import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { backUpLedger } from '../../src/ledger/backup/back-up-file.ts';
import { backupDamage, backupFile, backupsIn, backupTime } from '../../src/ledger/backup/backup-files.ts';
import { BackupSchedule } from '../../src/ledger/backup/backup-schedule.ts';
import { checkLedger } from '../../src/ledger/check/check-ledger.ts';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from './runs.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 14, 8, 0, 0);
const never = new AbortController().signal;

async function opened(path: string): Promise<Ledger> {
  return Ledger.open(path, { clock: new VirtualClock(start) });
}

function addRuns(ledger: Ledger, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const runId = `${ledger.epoch}-${ledger.lastSeq() + 1}`;
    ledger.openRun(opening(runId));
    ledger.closeRun(runId, passed(), { finishedAt });
  }
}

async function runsIn(path: string): Promise<number> {
  const reader = await LedgerReader.open(path);
  try {
    return reader.runs().length;
  } finally {
    reader.close();
  }
}

describe('a copy', () => {
  test('beside a station at work is one sound file, and runs go on being recorded', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const ledger = await opened(path);
    addRuns(ledger, 300);
    const copying = backUpLedger(path, folder.file('copy'), never);
    addRuns(ledger, 5);
    await copying;
    addRuns(ledger, 5);
    ledger.close();
    expect(readdirSync(folder.path).filter((name) => name.startsWith('copy'))).toEqual(['copy']);
    expect(await backupDamage(folder.file('copy'))).toBeNull();
    expect(await runsIn(folder.file('copy'))).toBeGreaterThanOrEqual(300);
    expect(await runsIn(path)).toBe(310);
  });

  test('replaces nothing, and a folder that is not there is not made', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    (await opened(path)).close();
    writeFileSync(folder.file('copy'), 'mine');
    await expect(backUpLedger(path, folder.file('copy'), never)).rejects.toThrow(/S01 .*is there already/);
    await expect(backUpLedger(path, folder.file('usb/copy'), never)).rejects.toThrow(/S01 .*is the medium mounted/);
    await expect(backUpLedger(folder.file('none'), folder.file('x'), never)).rejects.toThrow(/There is no ledger at/);
    expect(existsSync(folder.file('usb'))).toBe(false);
  });

  test('that is stopped leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const ledger = await opened(folder.file('ledger.sqlite'));
    addRuns(ledger, 50);
    const control = new AbortController();
    const copying = ledger.backUp(folder.file('copy'), control.signal);
    control.abort(new Error('stop'));
    await expect(copying).rejects.toThrow('stop');
    expect(readdirSync(folder.path).filter((name) => name.startsWith('copy'))).toEqual([]);
    addRuns(ledger, 1);
    ledger.close();
  });
});

describe('at an interval', () => {
  function schedule(path: string, to: string, clock: VirtualClock, ledger: Pick<Ledger, 'backUp'>, keep = 2) {
    const attempts: (string | null)[] = [];
    const onAttempt = (problem: string | null): void => void attempts.push(problem);
    const plan = { to, everyMs: dayMs, keep };
    return {
      attempts,
      backups: new BackupSchedule({ ledger, ledgerPath: path, plan, clock, log: silentLogger(), onAttempt }),
    };
  }

  test('the first comes soon, the others a day apart, the oldest goes, and all are sound', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const to = folder.file('usb');
    mkdirSync(to);
    const ledger = await opened(path);
    addRuns(ledger, 3);
    const clock = new VirtualClock(start);
    const { attempts, backups } = schedule(path, to, clock, ledger);
    backups.start();
    for (let count = 1; count <= 4; count += 1) {
      clock.advance(count === 1 ? 60_000 : dayMs);
      await vi.waitFor(() => expect(attempts).toHaveLength(count), 10_000);
    }
    expect(attempts).toEqual([null, null, null, null]);
    const files = backupsIn(to, path);
    expect(files.map(backupTime)).toEqual([start + 60_000 + 3 * dayMs, start + 60_000 + 2 * dayMs]);
    for (const file of files) expect(await backupDamage(file)).toBeNull();
    await backups[Symbol.asyncDispose]();
    ledger.close();
    expect(readdirSync(to)).toHaveLength(2);
  });

  test('names that a wrong clock gave do not push the new ones out', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const to = folder.file('usb');
    mkdirSync(to);
    for (const days of [3_000, 3_001]) writeFileSync(backupFile(to, path, start + days * dayMs), '');
    const ledger = await opened(path);
    addRuns(ledger, 3);
    const clock = new VirtualClock(start);
    const { attempts, backups } = schedule(path, to, clock, ledger);
    backups.start();
    for (let count = 1; count <= 2; count += 1) {
      clock.advance(dayMs);
      await vi.waitFor(() => expect(attempts).toHaveLength(count), 10_000);
    }
    expect(attempts).toEqual([null, null]);
    expect(backupsIn(to, path).map(backupTime)).toEqual([start + 2 * dayMs, start + dayMs]);
    await backups[Symbol.asyncDispose]();
    ledger.close();
  });

  test('a restart does not make one before its time', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    writeFileSync(backupFile(folder.path, path, start - dayMs / 2), '');
    const clock = new VirtualClock(start);
    let copies = 0;
    const backUp = async (): Promise<void> => void (copies += 1);
    const { backups } = schedule(path, folder.path, clock, { backUp });
    backups.start();
    clock.advance(dayMs / 2 - 1_000);
    expect(copies).toBe(0);
    clock.advance(1_000);
    expect(copies).toBe(1);
    await backups[Symbol.asyncDispose]();
  });

  test('a failure is told, and tried again while nothing else stops', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const ledger = await opened(path);
    const clock = new VirtualClock(start);
    const { attempts, backups } = schedule(path, folder.file('usb'), clock, ledger);
    backups.start();
    clock.advance(60_000);
    await vi.waitFor(() => expect(attempts).toEqual([expect.stringContaining('is the medium mounted?')]));
    mkdirSync(folder.file('usb'));
    clock.advance(15 * 60_000);
    await vi.waitFor(() => expect(attempts).toEqual([expect.anything(), null]), 10_000);
    await backups[Symbol.asyncDispose]();
    ledger.close();
  });

  test('a stop ends the one under way at once and leaves no file', async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    mkdirSync(folder.file('usb'));
    const ledger = await opened(path);
    const clock = new VirtualClock(start);
    const { attempts, backups } = schedule(path, folder.file('usb'), clock, ledger);
    backups.start();
    clock.advance(60_000);
    await backups[Symbol.asyncDispose]();
    ledger.close();
    expect(attempts).toEqual([]);
    expect(readdirSync(folder.file('usb'))).toEqual([]);
  });
});

describe('a backup in use', () => {
  async function stationWithBackups(folder: ReturnType<typeof temporaryFolder>): Promise<string> {
    const path = folder.file('ledger.sqlite');
    mkdirSync(folder.file('usb'));
    const ledger = await opened(path);
    for (const at of [start, start + dayMs]) {
      addRuns(ledger, 10);
      await ledger.backUp(backupFile(folder.file('usb'), path, at), never);
    }
    addRuns(ledger, 10);
    ledger.close();
    return path;
  }

  test('takes the place of a ledger that is gone: the newest that is sound', async () => {
    using folder = temporaryFolder();
    const path = await stationWithBackups(folder);
    truncateSync(backupFile(folder.file('usb'), path, start + dayMs), 5_000);
    rmSync(path);
    const older = backupFile(folder.file('usb'), path, start);
    const file = await openLedgerFile(path, systemClock, undefined, folder.file('usb'));
    file.connection.close();
    expect(file.notice).toMatchObject({ kind: 'lost', backup: older, salvage: { runs: 10, of: 30, upToSeq: 30 } });
    expect(file.notice?.detail).toContain('10 of 30 runs up to seq 30 are there, 20 lost');
  });

  test('and what can be read of a damaged ledger make it whole again', async () => {
    using folder = temporaryFolder();
    const path = await stationWithBackups(folder);
    truncateSync(path, 4096 * 30 + 7);
    const file = await openLedgerFile(path, systemClock, undefined, folder.file('usb'));
    file.connection.close();
    if (file.notice?.kind !== 'damaged') throw new Error('No damage was found.');
    expect(file.notice.backup).toBe(backupFile(folder.file('usb'), path, start + dayMs));
    expect(file.notice.salvage.runs).toBeGreaterThanOrEqual(20);
    expect(file.notice.salvage.of).toBe(30);
    expect((await checkLedger(path)).findings.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test('put back by hand starts a new epoch, and gives no (epoch, seq) twice', async () => {
    using folder = temporaryFolder();
    const path = await stationWithBackups(folder);
    const given = new Set((await keysOf(path)).keys());
    for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true });
    copyFileSync(backupFile(folder.file('usb'), path, start), path);
    const ledger = await opened(path);
    expect(ledger.notice).toMatchObject({
      kind: 'restored',
      detail: expect.stringContaining('up to seq 10 of the 30') as string,
    });
    addRuns(ledger, 30);
    ledger.close();
    for (const [key, runId] of await keysOf(path)) if (given.has(key)) expect(key).toContain(runId.split('-')[0]);
    const fresh = [...(await keysOf(path)).keys()].filter((key) => !given.has(key));
    expect(fresh).toHaveLength(30);
    expect((await checkLedger(path)).findings.flatMap(({ problems }) => problems)).toEqual([]);
  });

  async function keysOf(path: string): Promise<Map<string, string>> {
    const reader = await LedgerReader.open(path);
    try {
      return new Map(reader.runs().map(({ epoch, seq, run_id }) => [`${epoch ?? ''}/${seq ?? 0}`, run_id]));
    } finally {
      reader.close();
    }
  }
});
