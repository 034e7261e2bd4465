import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForReading, openForWriting } from '../../../src/ledger/file/database.ts';
import { markerPath } from '../../../src/ledger/file/epoch-marker.ts';
import { schemaVersion } from '../../../src/ledger/file/schema.ts';
import { LedgerReader } from '../../../src/ledger/ledger-reader.ts';
import { checkLedger } from '../../../src/ledger/check/check-ledger.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../runs.ts';

const clock = new VirtualClock(Date.UTC(2026, 2, 14, 8, 0, 0));
const runs = 5;
const folder = temporaryFolder();

beforeAll(async () => {
  mkdirSync(folder.file('original'));
  const ledger = await Ledger.open(folder.file('original/ledger.sqlite'), { clock });
  for (let run = 1; run <= runs; run += 1) {
    ledger.openRun(opening(`r${run}`));
    ledger.closeRun(`r${run}`, passed(), { finishedAt });
  }
  ledger.standing.add({ kind: 'part', key: 'esp12-a', value: 'c84016', detail: null, who: 'anna' });
  ledger.close();
});
afterAll(() => folder[Symbol.dispose]());

/** A copy of the ledger with other bytes from an offset on. */
function damaged(to: { file(name: string): string }, from: number, change: readonly number[]): string {
  cpSync(folder.file('original'), to.file('station'), { recursive: true });
  const path = to.file('station/ledger.sqlite');
  const bytes = readFileSync(path);
  for (const [index, value] of change.entries()) bytes[from + index] = value;
  writeFileSync(path, bytes);
  return path;
}

const big = (value: number): number[] => [...Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])];

describe('a header of the ledger with wrong bytes', () => {
  test.for<{ what: string; from: number; bytes: readonly number[] }>([
    { what: 'garbage over half of it', from: 40, bytes: Array.from({ length: 64 }, () => 0x5a) },
    { what: 'a size of page that is another', from: 16, bytes: [0x02, 0x00] },
    { what: 'a format for writing that there is not', from: 18, bytes: [0x5a] },
    { what: 'a format for reading that there is not', from: 19, bytes: [0x5a] },
    { what: 'bytes kept free in each page', from: 20, bytes: [0xf0] },
    { what: 'a format of the schema that there is not', from: 44, bytes: big(251) },
    { what: 'another encoding of texts', from: 56, bytes: big(2) },
    { what: 'a version below zero', from: 60, bytes: big(0xff00_0005) },
    { what: 'a version that no program has', from: 60, bytes: big(1_001) },
    { what: 'garbage as its version', from: 60, bytes: big(0x7f7f_7f7f) },
    { what: 'the version of an older program', from: 60, bytes: big(schemaVersion - 1) },
    { what: 'no version', from: 60, bytes: big(0) },
  ])('$what: the station starts with everything in it', async ({ from, bytes }) => {
    using own = temporaryFolder();
    const path = damaged(own, from, bytes);
    const ledger = await Ledger.open(path, { clock });
    expect(ledger.notice).toMatchObject({ kind: 'damaged', salvage: { runs, of: runs } });
    expect(ledger.standing.of('part')).toMatchObject([{ value: 'c84016' }]);
    ledger.openRun(opening('next'));
    expect(ledger.closeRun('next', passed(), { finishedAt })).toMatchObject({ outcome: 'PASS', seq: 1 });
    ledger.close();
    const again = await Ledger.open(path, { clock });
    expect(again.notice).toBeNull();
    again.close();
  });

  test('an older ledger that says it is of this program comes over as what it is', async () => {
    using own = temporaryFolder();
    const path = damaged(own, 0, []);
    const connection = await openForWriting(path);
    connection.exec('DROP TABLE standing');
    connection.close();
    const ledger = await Ledger.open(path, { clock });
    expect(ledger.notice).toMatchObject({ kind: 'damaged', salvage: { runs, of: runs } });
    ledger.close();
  });

  test('a table that somebody has added is no damage', async () => {
    using own = temporaryFolder();
    const path = damaged(own, 0, []);
    const connection = await openForWriting(path);
    connection.exec('CREATE TABLE notes (text TEXT); ALTER TABLE audit ADD COLUMN note TEXT');
    connection.close();
    const ledger = await Ledger.open(path, { clock });
    expect(ledger.notice).toBeNull();
    ledger.close();
  });

  test.for([schemaVersion + 1, 1_000])(
    'version %s may be one of a newer program: the file is left as it is',
    async (version) => {
      using own = temporaryFolder();
      const path = damaged(own, 60, big(version));
      await expect(Ledger.open(path, { clock })).rejects.toThrow(
        `S01 RESULT_NOT_SAVED: The ledger has version ${version}, written by a newer program; this one knows up to ` +
          `${schemaVersion}. Install the newer program again, or put a backup of before in its place.`,
      );
      const connection = await openForReading(path);
      expect(connection.pragma('user_version', { simple: true })).toBe(version);
      connection.close();
    },
  );

  test('a version that lost its number in a copy by hand is damage without a marker too', async () => {
    using own = temporaryFolder();
    const path = damaged(own, 60, big(0));
    rmSync(markerPath(path));
    const ledger = await Ledger.open(path, { clock });
    expect(ledger.notice).toMatchObject({ kind: 'damaged', salvage: { runs } });
    ledger.close();
  });

  test('who only reads the ledger is told that it is damaged', async () => {
    using own = temporaryFolder();
    const path = damaged(own, 44, big(251));
    const reader = await LedgerReader.open(path);
    expect(() => reader.runs()).toThrow('The ledger could not be used because the file is damaged (SQLITE_ERROR).');
    reader.close();
    expect((await checkLedger(path)).findings).toEqual([{ check: 'content', problems: ['unsupported file format.'] }]);
  });

  test('a strange version of a file that is no ledger, without a marker, is no damage', async () => {
    using own = temporaryFolder();
    const path = own.file('ledger.sqlite');
    const other = await openForWriting(path);
    other.exec('CREATE TABLE recipes (text TEXT)');
    other.pragma('user_version = 20260314');
    other.close();
    await expect(Ledger.open(path, { clock })).rejects.toThrow('written by a newer program');
    expect(readdirSync(own.path).some((name) => name.includes('damaged'))).toBe(false);
  });
});
