import { expect, test } from 'vitest';
import { lateRecorder } from '../../../src/ledger/runs/late-recorder.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import type { RunResult } from '../../../src/nest/run/run-result.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { finishedAt, identity, opening, passed, temporaryFolder } from '../runs.ts';

const clock = new VirtualClock();
const refusal = { code: 'D05', detail: 'It has passed before.', identity, finishedAt } as const;

test('before the ledger is open every commit and every question is an S01', () => {
  const recorder = lateRecorder(
    () => null,
    () => undefined,
    () => undefined,
  );
  const calls = [
    () => recorder.openRun(opening('r1'), '{}'),
    () => recorder.markWriting('r1', identity),
    () => recorder.closeRun('r1', passed(), { finishedAt }),
    () => recorder.refuseRun('r1', refusal),
    () => recorder.historyOf({ ...opening(''), mac: identity.mac }),
  ];
  for (const call of calls) expect(call).toThrow(/S01 .*not open yet/);
});

test('a refusal that was not saved is told as the result of its run when the next run is opened', async () => {
  using folder = temporaryFolder();
  const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
  const ledger = new Ledger(file, clock);
  const told: RunResult[] = [];
  const recorder = lateRecorder(
    () => ledger,
    (result) => told.push(result),
    () => undefined,
  );
  recorder.openRun(opening('pass'), '{}');
  recorder.closeRun('pass', passed(), { finishedAt });
  expect(recorder.historyOf({ ...opening(''), mac: identity.mac })).toMatchObject({ passed: true });
  recorder.openRun(opening('saved'), '{}');
  recorder.refuseRun('saved', refusal);
  recorder.openRun(opening('unsaved'), '{}');
  file.connection.pragma('query_only = ON');
  expect(() => recorder.refuseRun('unsaved', refusal)).toThrow('S01');
  expect(() => recorder.openRun(opening('next'), '{}')).toThrow('S01');
  expect(told).toEqual([]);
  file.connection.pragma('query_only = OFF');
  recorder.openRun(opening('next'), '{}');
  expect(told).toMatchObject([{ run_id: 'unsaved', outcome: 'ERROR', code: 'S01', seq: 2 }]);
  ledger.close();
});

test('a run that was not saved and still cannot be keeps back neither the other one nor the next start', async () => {
  using folder = temporaryFolder();
  const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
  const ledger = new Ledger(file, clock);
  const told: RunResult[] = [];
  const failures: string[] = [];
  const recorder = lateRecorder(
    () => ledger,
    (result) => told.push(result),
    (error) => failures.push(String(error)),
  );
  for (const nest of [1, 2]) recorder.openRun(opening(`r${nest}`, { nest }), '{}');
  file.connection.pragma('query_only = ON');
  for (const nest of [1, 2]) expect(() => recorder.closeRun(`r${nest}`, passed(), { finishedAt })).toThrow('S01');
  file.connection.pragma('query_only = OFF');
  file.connection.exec(
    `CREATE TEMP TRIGGER stuck BEFORE UPDATE ON main.runs WHEN NEW.run_id = 'r2' BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  recorder.openRun(opening('next'), '{}');
  expect([told.map((result) => result.run_id), failures]).toEqual([['r1'], ['SqliteError: no']]);
  file.connection.exec('DROP TRIGGER stuck');
  recorder.openRun(opening('after'), '{}');
  expect(told.map((result) => result.run_id)).toEqual(['r1', 'r2']);
  ledger.close();
});
