import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backupFile } from '../../../src/ledger/backup/backup-files.ts';
import { openForReading, openForWriting } from '../../../src/ledger/file/database.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { releaseModule } from '../../../src/nest/identity/standing-modules.ts';
import type { Standing, StandingKind } from '../../../src/nest/standing.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, temporaryFolder } from '../runs.ts';

const pageBytes = 4096;
const { mac } = identity;
let clock: VirtualClock;
let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let backups: string;

beforeEach(() => {
  clock = new VirtualClock(Date.UTC(2026, 2, 14, 8, 0, 0));
  folder = temporaryFolder();
  path = folder.file('ledger.sqlite');
  backups = folder.file('backups');
  mkdirSync(backups);
});
afterEach(() => folder[Symbol.dispose]());

const open = (): Promise<Ledger> => Ledger.open(path, { clock, backups });

function decide(ledger: Ledger, kind: StandingKind, key: string, value: string, who = 'anna'): void {
  clock.advance(1_000);
  ledger.standing.set({ kind, key, value, detail: null, who });
}

async function rootPageOf(table: string): Promise<number> {
  const connection = await openForReading(path);
  try {
    return connection
      .prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?')
      .pluck()
      .get(table)!;
  } finally {
    connection.close();
  }
}

function zero(page: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0, (page - 1) * pageBytes, page * pageBytes);
  writeFileSync(path, bytes);
}

const kinds: readonly StandingKind[] = [
  'lock',
  'unlock',
  'hold',
  'release',
  'erased',
  'job-approval',
  'part',
  'job',
  'sample',
  'seen-part',
];
const allOf = ({ standing }: Ledger): Standing[] => kinds.flatMap((kind) => standing.of(kind));
const short = (rows: readonly Standing[]): string[] => rows.map(({ kind, key, value }) => `${kind} ${key} ${value}`);

async function writtenLedger(): Promise<Standing[]> {
  const ledger = await open();
  ledger.openRun(opening('r1'));
  ledger.closeRun('r1', failed(), { finishedAt });
  decide(ledger, 'job-approval', 'esp12', 'sha256:aa', 'station');
  decide(ledger, 'job', 'station', 'esp12');
  decide(ledger, 'lock', '1', 'C01', 'station');
  decide(ledger, 'hold', mac, 'D04', 'station');
  decide(ledger, 'sample', '2', 'golden');
  ledger.standing.add({ kind: 'part', key: 'esp12-a', value: 'ef4016', detail: null, who: 'anna' });
  ledger.standing.add({ kind: 'part', key: 'esp12-a', value: 'c84016', detail: null, who: 'anna' });
  const all = allOf(ledger);
  ledger.close();
  return all;
}

test('every decision comes over from a damaged ledger', async () => {
  const before = await writtenLedger();
  zero(1);
  const ledger = await open();
  expect(ledger.notice).toMatchObject({ kind: 'damaged' });
  expect(allOf(ledger)).toEqual(before);
  ledger.close();
});

test('of the decisions of a backup none comes back that was replaced or taken back since', async () => {
  await writtenLedger();
  copyFileSync(path, backupFile(backups, path, clock.now()));
  const later = await open();
  decide(later, 'job-approval', 'esp12', 'sha256:bb');
  decide(later, 'job-approval', 'other', 'sha256:cc');
  decide(later, 'job', 'station', 'other');
  decide(later, 'unlock', '1', 'S07');
  later.standing.end('lock', '1', 'anna');
  later.openRun(opening('r2'));
  later.closeRun('r2', failed(), { finishedAt });
  releaseModule(later.standing, mac, 'anna');
  const before = allOf(later);
  later.close();
  zero(1);
  const ledger = await open();
  expect(ledger.notice).toMatchObject({ kind: 'damaged', backup: expect.any(String) as string });
  expect(new Set(short(allOf(ledger)))).toEqual(new Set(short(before)));
  expect(ledger.standing.of('release')).toEqual(before.filter(({ kind }) => kind === 'release'));
  ledger.close();
});

test('the same decision, made again after the backup, counts from the later run on', async () => {
  const first = await open();
  releaseModule(first.standing, mac, 'anna');
  first.close();
  copyFileSync(path, backupFile(backups, path, clock.now()));
  const later = await open();
  later.openRun(opening('r1'));
  later.closeRun('r1', failed(), { finishedAt });
  clock.advance(1_000);
  releaseModule(later.standing, mac, 'anna');
  later.close();
  zero(1);
  const ledger = await open();
  expect(ledger.standing.of('release')).toMatchObject([{ key: mac, position: 1 }]);
  ledger.close();
});

test('what is lost of the decisions is in the audit: a pinned hash is not forgotten, a lock stays', async () => {
  const before = await writtenLedger();
  const later = await open();
  decide(later, 'unlock', '2', 'S07');
  later.standing.end('hold', mac, 'anna');
  decide(later, 'erased', mac, 'all');
  later.close();
  zero(await rootPageOf('standing'));
  const ledger = await open();
  expect(ledger.notice).toMatchObject({ kind: 'damaged' });
  expect(short(allOf(ledger))).toEqual([
    'lock 1 C01',
    'unlock 2 S07',
    `erased ${mac} all`,
    'job-approval esp12 sha256:aa',
    'job station esp12',
    'sample 2 golden',
  ]);
  expect(ledger.standing.of('lock')[0]).toEqual({ ...before.find(({ kind }) => kind === 'lock'), position: 0 });
  // No pass of before may count: that module may be blank.
  expect(ledger.standing.of('erased')).toMatchObject([{ position: 1 }]);
  ledger.close();
});

test('a release or an unlocking is not from later than the runs that are left', async () => {
  const first = await open();
  for (const run of ['r1', 'r2', 'r3']) {
    first.openRun(opening(run));
    first.closeRun(run, failed(), { finishedAt });
  }
  releaseModule(first.standing, mac, 'anna');
  decide(first, 'unlock', '1', 'S07');
  first.close();
  const connection = await openForWriting(path);
  connection.exec('DELETE FROM outbox WHERE position > 1; DELETE FROM runs WHERE position > 1');
  connection.close();
  zero(1);
  const ledger = await open();
  expect(ledger.notice).toMatchObject({ kind: 'damaged', salvage: { runs: 1 } });
  expect(ledger.standing.of('release')).toMatchObject([{ position: 1 }]);
  expect(ledger.standing.of('unlock')).toMatchObject([{ position: 1 }]);
  ledger.openRun(opening('r4'));
  ledger.closeRun('r4', failed(), { finishedAt });
  const { operation, product } = opening('r4');
  expect(ledger.modules.of({ mac, operation, product }).failures).toEqual(['V01']);
  ledger.close();
});
