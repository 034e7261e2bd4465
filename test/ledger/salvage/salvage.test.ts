import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { salvageText } from '../../../src/ledger/salvage/salvage.ts';
import { openForReading, openForWriting } from '../../../src/ledger/file/database.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import type { LedgerNotice } from '../../../src/ledger/file/open-ledger-file.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, silent, temporaryFolder } from '../runs.ts';

const clock = new VirtualClock(Date.UTC(2026, 2, 14, 8, 0, 0));
const pageBytes = 4096;
const runs = 120;
const sent = 40;
/** Longer than a page, so that it lies in pages of its own. */
const jobText = JSON.stringify({ name: 'esp12-nodemcu', filler: 'x'.repeat(9_000) });

/** A ledger with everything in it that salvaging has to bring over. */
async function writeLedger(path: string): Promise<string> {
  const ledger = await Ledger.open(path, { clock });
  for (let index = 1; index <= runs; index += 1) {
    const mac = `5c:cf:7f:00:00:${(index % 50).toString(16).padStart(2, '0')}`;
    const known = { ...identity, mac };
    const report =
      index % 7 === 0 ? silent() : index % 5 === 0 ? failed({ identity: known }) : passed({ identity: known });
    ledger.openRun(opening(`r${index}`, { nest: 1 + (index % 2), lot: 'L1', monoMs: index * 1_000 }), jobText);
    ledger.closeRun(`r${index}`, report, { finishedAt: finishedAt + index });
  }
  ledger.markSent(
    Array.from({ length: sent }, (_, index) => index + 1),
    finishedAt,
  );
  ledger.openRun(opening('under-way'));
  ledger.markWriting('under-way', identity);
  ledger.close();
  const connection = await openForWriting(path);
  connection.exec(`INSERT INTO audit VALUES (1, '2026-03-14', NULL, 'anna', 'job', 'a', 'b', NULL)`);
  connection.prepare('INSERT INTO evidence VALUES (?, ?, ?)').run('r5', 5, Buffer.alloc(10_000, 7));
  connection.close();
  return ledger.epoch;
}

const tables = {
  runs: "SELECT rowid AS id, * FROM runs WHERE state = 'closed' ORDER BY position",
  units: 'SELECT * FROM units ORDER BY operation, unit',
  links: 'SELECT * FROM links ORDER BY operation, provisional',
  counters: 'SELECT * FROM counters ORDER BY scope, key',
  outbox: 'SELECT * FROM outbox ORDER BY position',
  jobs: 'SELECT * FROM jobs',
  evidence: 'SELECT * FROM evidence',
};

async function contentOf(path: string): Promise<Record<string, unknown[]>> {
  const connection = await openForReading(path);
  try {
    return Object.fromEntries(Object.entries(tables).map(([name, query]) => [name, connection.prepare(query).all()]));
  } finally {
    connection.close();
  }
}

async function reopened(path: string): Promise<{ notice: LedgerNotice | null; epoch: string }> {
  const file = await openLedgerFile(path, clock);
  file.connection.close();
  return file;
}

function overwrite(path: string, from: number, to: number, value: number | null): void {
  const bytes = readFileSync(path);
  for (let at = from; at < Math.min(to, bytes.length); at += 1) bytes[at] = value ?? (at * 2_654_435_761) >>> 13;
  writeFileSync(path, bytes);
}

const folder = temporaryFolder();
const original = folder.file('original/ledger.sqlite');
let epoch = '';
let content: Record<string, unknown[]> = {};
let pages = 0;

/** A copy of the ledger in a folder of its own. */
function copied(to: { file(name: string): string }): string {
  cpSync(folder.file('original'), to.file('station'), { recursive: true });
  return to.file('station/ledger.sqlite');
}

beforeAll(async () => {
  mkdirSync(folder.file('original'));
  epoch = await writeLedger(original);
  content = await contentOf(original);
  pages = readFileSync(original).length / pageBytes;
});
afterAll(() => folder[Symbol.dispose]());

describe('of a damaged ledger', () => {
  test.for<{ name: string; damage: (path: string) => void }>([
    { name: 'whose first page is overwritten', damage: (path) => overwrite(path, 0, pageBytes, null) },
    { name: 'whose first page is zero', damage: (path) => overwrite(path, 0, pageBytes, 0) },
    { name: 'whose first 16 bytes are wrong', damage: (path) => overwrite(path, 0, 16, 0x41) },
  ])('$name, everything comes over', async ({ damage }) => {
    using own = temporaryFolder();
    const path = copied(own);
    damage(path);
    const { notice, epoch: now } = await reopened(path);
    expect(notice).toMatchObject({
      kind: 'damaged',
      salvage: { runs, of: runs, upToSeq: runs, unfinished: 1, unsent: runs - sent, jobs: 1, audit: 1, evidence: 1 },
    });
    expect(notice?.detail).toContain('120 of 120 runs up to seq 120 are there, 0 lost, 1 under way');
    expect(now).not.toBe(epoch);
    expect(await contentOf(path)).toEqual(content);
    expect((await reopened(path)).notice).toBeNull();
  });

  test('with a page of random bytes, whichever page it is, hardly a run is lost, and the numbers are right', async () => {
    const results: { page: number; runs: number }[] = [];
    for (let page = 1; page < pages; page += 3) {
      using own = temporaryFolder();
      const path = copied(own);
      overwrite(path, page * pageBytes, (page + 1) * pageBytes, null);
      const { notice } = await reopened(path);
      // A page that nothing uses any more can be overwritten without harm.
      if (notice === null) continue;
      if (notice.kind !== 'damaged') throw new Error(notice.detail);
      const { runs: there, of } = notice.salvage;
      results.push({ page, runs: there });
      const found = await contentOf(path);
      expect({ of, there: found['runs']!.length }).toEqual({ of: runs, there });
      const ids = new Set(content['runs']!.map((row) => JSON.stringify({ ...(row as object), id: 0, detail: 0 })));
      expect(
        found['runs']!.filter((row) => !ids.has(JSON.stringify({ ...(row as object), id: 0, detail: 0 }))),
      ).toEqual([]);
      expect(new Set(found['outbox']!.map((row) => (row as { run_id: string }).run_id)).size).toBeLessThanOrEqual(runs);
    }
    expect(results.length).toBeGreaterThan(10);
    // The outbox holds every result a second time, so that one page never takes one away.
    expect(results.filter(({ runs: there }) => there < runs)).toEqual([]);
  });

  test.for([0.9, 0.75, 0.5])('that was cut to %f of its length, what is before the cut comes over', async (share) => {
    using own = temporaryFolder();
    const path = copied(own);
    truncateSync(path, Math.floor(pages * share) * pageBytes + 100);
    const { notice } = await reopened(path);
    if (notice?.kind !== 'damaged') throw new Error('No damage was found.');
    const found = await contentOf(path);
    expect(notice.salvage).toMatchObject({ of: runs, upToSeq: runs, runs: found['runs']!.length });
    expect(notice.salvage.runs).toBeGreaterThan(runs * share * 0.5);
    expect(notice.detail).toContain(`${runs - notice.salvage.runs} lost`);
  });

  test('of nothing but zeros there is nothing to be had, and the notice says so', async () => {
    using own = temporaryFolder();
    const path = copied(own);
    overwrite(path, 0, Number.MAX_SAFE_INTEGER, 0);
    expect((await reopened(path)).notice).toMatchObject({ kind: 'damaged', salvage: { runs: 0, of: runs } });
  });

  test('with a folder in its place, which is moved aside with what is in it', async () => {
    using own = temporaryFolder();
    const path = copied(own);
    rmSync(path);
    mkdirSync(path);
    writeFileSync(`${path}/note`, 'mine');
    const { notice } = await reopened(path);
    expect(notice).toMatchObject({ kind: 'damaged', salvage: { runs: 0, of: runs } });
    expect(notice?.detail).toContain('a folder was in its place');
    if (notice?.kind !== 'damaged') throw new Error('No damage was found.');
    expect(readFileSync(`${notice.movedTo ?? ''}/note`, 'utf8')).toBe('mine');
  });
});

describe('of the write-ahead log', () => {
  /** A ledger as a killed station leaves it, with 30 results that are only in its log. */
  async function killed(own: { file(name: string): string }): Promise<string> {
    const path = own.file('live/ledger.sqlite');
    mkdirSync(own.file('live'));
    const ledger = await Ledger.open(path, { clock });
    for (let index = 1; index <= 30; index += 1) {
      ledger.openRun(opening(`r${index}`));
      ledger.closeRun(`r${index}`, passed(), { finishedAt });
    }
    cpSync(own.file('live'), own.file('killed'), { recursive: true });
    ledger.close();
    return own.file('killed/ledger.sqlite');
  }

  test('that is whole, everything is there and nothing is said', async () => {
    using own = temporaryFolder();
    const path = await killed(own);
    expect(existsSync(`${path}-wal`)).toBe(true);
    expect((await reopened(path)).notice).toBeNull();
    expect((await contentOf(path))['runs']).toHaveLength(30);
  });

  test.for([0.3, 0.6, 0.9])(
    'with a wrong byte at %f of it, only what was in that page alone is lost',
    async (share) => {
      using own = temporaryFolder();
      const path = await killed(own);
      const wal = readFileSync(`${path}-wal`);
      overwrite(`${path}-wal`, Math.floor(wal.length * share), Math.floor(wal.length * share) + 1, wal[0]! ^ 0x55);
      const { notice } = await reopened(path);
      expect(notice).toMatchObject({ kind: 'damaged', salvage: { of: 30, upToSeq: 30 } });
      expect(notice?.detail).toContain('its write-ahead log lacks results');
      if (notice?.kind !== 'damaged') throw new Error('No damage was found.');
      expect(notice.salvage.runs).toBeGreaterThanOrEqual(29);
      expect(readFileSync(`${notice.movedTo ?? ''}-wal`)).toHaveLength(wal.length);
    },
  );

  test('of a file that was cut to nothing, its results come over', async () => {
    using own = temporaryFolder();
    const path = await killed(own);
    truncateSync(path, 0);
    expect((await reopened(path)).notice).toMatchObject({ kind: 'damaged', salvage: { runs: 30, of: 30 } });
  });
});

test('no (epoch, seq) is given twice after a damage', async () => {
  using own = temporaryFolder();
  const path = copied(own);
  overwrite(path, 0, pageBytes, 0);
  const ledger = await Ledger.open(path, { clock });
  expect(ledger.closeInterrupted()).toMatchObject([{ run_id: 'under-way', seq: 1, code: 'S05', dirty: 1 }]);
  ledger.openRun(opening('next'));
  expect(ledger.closeRun('next', passed(), { finishedAt })).toMatchObject({ seq: 2, epoch: ledger.epoch });
  const keys = ledger.runs().map(({ epoch: series, seq }) => `${series ?? ''}/${seq ?? 0}`);
  expect(new Set(keys).size).toBe(runs + 2);
  ledger.close();
});

test('a loss that was told once is not told again by the next damage', async () => {
  using own = temporaryFolder();
  const path = copied(own);
  truncateSync(path, Math.floor(pages / 3) * pageBytes);
  const first = (await reopened(path)).notice;
  if (first?.kind !== 'damaged') throw new Error('No damage was found.');
  expect(first.salvage.runs).toBeLessThan(runs);
  overwrite(path, 0, pageBytes, 0);
  expect((await reopened(path)).notice).toMatchObject({
    salvage: { runs: first.salvage.runs, of: first.salvage.runs },
  });
});

test('the sentence of a salvage counts one thing as one', () => {
  const salvage = { runs: 1, of: 1, upToSeq: 1, unfinished: 0, unsent: 1, jobs: 1, audit: 2, evidence: 1 };
  expect(salvageText(salvage)).toBe(
    '1 of 1 run up to seq 1 are there, 0 lost; results that wait to be sent: 1; kept: 1 job, 2 audit rows and evidence of 1 run.',
  );
});
