import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { UnsavedResults } from '../../../src/ledger/runs/unsaved-results.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../runs.ts';

/** A ledger with one result that it has refused, as it does until `free`. */
async function opened() {
  const folder = temporaryFolder();
  const clock = new VirtualClock();
  const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
  const ledger = new Ledger(file, clock);
  const told: (string | null)[] = [];
  const failures: string[] = [];
  const alarms: string[] = [];
  const results = new UnsavedResults({
    ledger: () => ledger,
    alarms: { set: (slug, detail) => void alarms.push(`${detail === null ? '-' : '+'}${slug}`) },
    clock,
    log: silentLogger(),
    onClosed: ({ code }) => void told.push(code),
    onFailed: (error) => void failures.push(String(error)),
  });
  ledger.openRun(opening('r1'));
  file.connection.pragma('query_only = ON');
  expect(() => ledger.closeRun('r1', passed(), { finishedAt })).toThrow('S01');
  return {
    ...{ clock, file, told, failures, alarms, results },
    free: () => void file.connection.pragma('query_only = OFF'),
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

test('is tried every five seconds until it is saved, and then no more', async () => {
  using here = await opened();
  here.results.look();
  here.results.look();
  expect([here.clock.pending, here.alarms.at(-1)]).toEqual([1, '+result-not-saved']);
  here.clock.advance(12_000);
  expect([here.told, here.clock.pending]).toEqual([[], 1]);
  here.free();
  here.clock.advance(2_000);
  expect(here.told).toEqual([]);
  here.clock.advance(1_000);
  expect([here.told, here.clock.pending, here.alarms.at(-1)]).toEqual([['S01'], 0, '-result-not-saved']);
});

test('what cannot be saved for another reason waits for the next press', async () => {
  using here = await opened();
  here.results.look();
  here.free();
  here.file.connection.exec(
    `CREATE TEMP TRIGGER stuck BEFORE UPDATE ON main.runs BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  here.clock.advance(5_000);
  expect([here.told, here.failures, here.clock.pending]).toEqual([[], ['SqliteError: no'], 0]);
  expect(here.alarms.at(-1)).toBe('+result-not-saved');
});

test('the end tries once more and leaves no timer, whether it saves or not', async () => {
  using saving = await opened();
  saving.results.look();
  saving.free();
  saving.results.end();
  expect([saving.told, saving.clock.pending]).toEqual([['S01'], 0]);
  using refusing = await opened();
  refusing.results.look();
  refusing.results.end();
  refusing.results.look();
  expect([refusing.told, refusing.clock.pending]).toEqual([[], 0]);
});
