import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkLedger } from '../../src/ledger/check/check-ledger.ts';
import { openForWriting } from '../../src/ledger/file/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ballastBytes, StorageGuard } from '../../src/ledger/file/storage-guard.ts';
import type { DiskSpace } from '../../src/ledger/file/storage-guard.ts';
import { canMount, fillDisk, mountedDisk } from '../support/own-disk.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from './runs.ts';

const clock = new VirtualClock();
const gigabyte = 1e9;

describe('the room on the disk', () => {
  test.for<{ space: DiskSpace; warning: string | null }>([
    { space: { freeBytes: 500e6, totalBytes: 10 * gigabyte }, warning: null },
    { space: { freeBytes: 499e6, totalBytes: 5 * gigabyte }, warning: '499 MB free, 9 %' },
    { space: { freeBytes: 4 * gigabyte, totalBytes: 100 * gigabyte }, warning: '4000 MB free, 4 %' },
    { space: { freeBytes: 32 * 1024 * 1024, totalBytes: 10 * gigabyte }, warning: '33 MB free, 0 %' },
  ])('$space: warns of $warning, and starts go on', ({ space, warning }) => {
    using folder = temporaryFolder();
    const told: (string | null)[] = [];
    new StorageGuard(
      folder.file('l'),
      (text) => told.push(text),
      () => space,
    ).assertRoom();
    expect(told).toEqual([warning === null ? null : expect.stringContaining(warning)]);
    expect(statSync(folder.file('l.ballast')).size).toBe(ballastBytes);
    // Not sparse: every block is there.
    expect(statSync(folder.file('l.ballast')).blocks * 512).toBeGreaterThanOrEqual(ballastBytes);
  });

  test.for<{ free: number[]; totalBytes: number; warned: boolean[] }>([
    {
      free: [499e6, 501e6, 499e6, 600e6, 626e6, 501e6],
      totalBytes: 5e9,
      warned: [true, true, true, true, false, false],
    },
    { free: [4.9e9, 5.1e9, 6.2e9, 6.3e9, 5.1e9], totalBytes: 100e9, warned: [true, true, true, false, false] },
  ])('a warning ends clearly above its limit, so that it does not swing: $free of $totalBytes', (given) => {
    using folder = temporaryFolder();
    const free = [...given.free];
    const told: boolean[] = [];
    const guard = new StorageGuard(
      folder.file('l'),
      (text) => told.push(text !== null),
      () => ({ freeBytes: free.shift() ?? 0, totalBytes: given.totalBytes }),
    );
    for (const _ of given.free) guard.assertRoom();
    expect(told).toEqual(given.warned);
  });

  test('below the ballast starts are refused, and go on by themselves', async () => {
    using folder = temporaryFolder();
    let freeBytes = gigabyte;
    const guard = new StorageGuard(
      folder.file('l'),
      () => undefined,
      () => ({ freeBytes, totalBytes: gigabyte }),
    );
    const ledger = await Ledger.open(folder.file('l'), { clock, guard });
    ledger.openRun(opening('r1'));
    freeBytes = ballastBytes - 1;
    expect(() => ledger.openRun(opening('r2'))).toThrow(/S02 .*16 MB free, 16 MB are needed/);
    // What is under way is saved all the same.
    expect(ledger.closeRun('r1', passed(), { finishedAt })).toMatchObject({ outcome: 'PASS' });
    freeBytes = ballastBytes;
    ledger.openRun(opening('r2'));
    ledger.close();
  });
});

test('a ledger that another process has locked is S01, and the same one works again afterwards', async () => {
  using folder = temporaryFolder();
  const ledger = await Ledger.open(folder.file('l'), { clock });
  ledger.openRun(opening('r1'));
  const other = await openForWriting(folder.file('l'));
  other.exec('BEGIN IMMEDIATE');
  expect(() => ledger.closeRun('r1', passed(), { finishedAt })).toThrow(/S01 .*another program keeps it locked/);
  other.exec('ROLLBACK');
  other.close();
  expect(ledger.closeUnsaved()).toMatchObject([{ run_id: 'r1', outcome: 'ERROR', code: 'S01', seq: 1 }]);
  ledger.close();
});

describe.skipIf(!canMount())('on a disk of its own (needs root and the right to mount)', () => {
  test('that is full, the run under way is saved with the room of the ballast; the next start is refused', async () => {
    using folder = temporaryFolder();
    using disk = mountedDisk(folder.file('disk'), 48);
    const path = disk.file('ledger.sqlite');
    const warnings: (string | null)[] = [];
    const guard = new StorageGuard(path, (warning) => warnings.push(warning));
    const ledger = await Ledger.open(path, { clock, guard });
    ledger.openRun(opening('r1'));
    expect(warnings).toEqual([expect.stringContaining('MB free')]);
    fillDisk(disk.file('filler'));
    expect(ledger.closeRun('r1', passed(), { finishedAt })).toMatchObject({ outcome: 'PASS', seq: 1 });
    expect(() => statSync(`${path}.ballast`)).toThrow('ENOENT');
    expect(() => ledger.openRun(opening('r2'))).toThrow(/S02 /);
    rmSync(disk.file('filler'));
    ledger.openRun(opening('r2'));
    expect(statSync(`${path}.ballast`).size).toBe(ballastBytes);
    ledger.closeRun('r2', passed(), { finishedAt });
    ledger.close();
    expect((await checkLedger(path)).findings.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test('that is full to the last byte, the ledger opens, and closes what was under way', async () => {
    using folder = temporaryFolder();
    using disk = mountedDisk(folder.file('disk'), 48);
    const path = disk.file('ledger.sqlite');
    const guard = (): StorageGuard => new StorageGuard(path, () => undefined);
    const before = await Ledger.open(path, { clock, guard: guard() });
    before.openRun(opening('r1'));
    before.close();
    fillDisk(disk.file('filler'));
    const ledger = await Ledger.open(path, { clock, guard: guard() });
    expect(ledger.notice).toBeNull();
    expect(ledger.closeInterrupted()).toMatchObject([{ run_id: 'r1', code: 'S05' }]);
    ledger.close();
  });

  test('without ballast a commit on a full disk is S02, nothing of it is kept, and it works again with room', async () => {
    using folder = temporaryFolder();
    using disk = mountedDisk(folder.file('disk'), 4);
    const ledger = await Ledger.open(disk.file('ledger.sqlite'), { clock });
    ledger.openRun(opening('r1'));
    fillDisk(disk.file('filler'));
    expect(() => {
      for (let index = 0; ; index += 1) ledger.openRun(opening(`more-${index}`));
    }).toThrow(/S02 .*the disk is full/);
    expect(() => ledger.closeRun('r1', passed(), { finishedAt })).toThrow(/S02 /);
    rmSync(disk.file('filler'));
    expect(ledger.closeUnsaved()).toMatchObject([{ run_id: 'r1', outcome: 'ERROR', code: 'S01', seq: 1 }]);
    ledger.close();
  });

  test('that is read-only, the ledger does not open and is left as it is', async () => {
    using folder = temporaryFolder();
    using disk = mountedDisk(folder.file('disk'), 4);
    const path = disk.file('ledger.sqlite');
    (await Ledger.open(path, { clock })).close();
    const before = readFileSync(path);
    execFileSync('mount', ['-o', 'remount,ro', folder.file('disk')]);
    await expect(Ledger.open(path, { clock })).rejects.toThrow(/S01 .*(read-only|cannot be opened)/);
    expect(readFileSync(path).equals(before)).toBe(true);
    execFileSync('mount', ['-o', 'remount,rw', folder.file('disk')]);
    (await Ledger.open(path, { clock })).close();
  });
});
