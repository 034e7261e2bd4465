import { expect, test } from 'vitest';
import { deriveAnew } from '../../src/ledger/runs/derive-anew.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import type { RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, opening, passed, silent, temporaryFolder } from './runs.ts';

interface Step {
  readonly report: RunReport;
  readonly changes?: Partial<RunOpening>;
}

async function record(steps: readonly Step[]) {
  using folder = temporaryFolder();
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock: new VirtualClock() });
  const results = steps.map(({ report, changes }, index) => {
    ledger.openRun(opening(`r${index}`, changes));
    return ledger.closeRun(`r${index}`, report, { finishedAt });
  });
  const summary = ledger.figures.yieldOf();
  ledger.close();
  return { results, summary };
}

const aborted = failed({ outcome: 'ABORTED', code: 'O01' });

test('attempts count the countable runs of a unit, and a run after its pass is a reflash', async () => {
  const { results } = await record([
    { report: failed() },
    { report: aborted },
    { report: passed() },
    { report: passed() },
    { report: failed() },
    { report: passed(), changes: { operation: 'esp12-a:sha256:cc' } },
  ]);
  expect(results.map(({ attempt, cycle, reflash }) => ({ attempt, cycle, reflash }))).toEqual([
    { attempt: 1, cycle: 1, reflash: 0 },
    { attempt: null, cycle: null, reflash: 0 },
    { attempt: 2, cycle: 1, reflash: 0 },
    { attempt: null, cycle: null, reflash: 1 },
    { attempt: null, cycle: null, reflash: 1 },
    { attempt: 1, cycle: 1, reflash: 0 },
  ]);
});

test('golden and engineering runs neither count nor make the next run a reflash', async () => {
  const { results, summary } = await record([
    { report: passed(), changes: { mode: 'golden' } },
    { report: passed(), changes: { mode: 'engineering' } },
    { report: passed() },
    { report: passed(), changes: { mode: 'golden' } },
  ]);
  expect(results.map(({ attempt, reflash }) => [attempt, reflash])).toEqual([
    [null, 0],
    [null, 0],
    [1, 0],
    [null, 0],
  ]);
  expect(summary).toMatchObject({ units: 1, fpy: { part: 1 }, runYield: { part: 1, whole: 1 } });
});

test('a module that never answers is one unit of its own', async () => {
  const { results, summary } = await record([{ report: silent() }, { report: silent() }]);
  expect(results.map(({ unit, attempt, link }) => [unit, attempt, link])).toEqual([
    ['?r0', 1, 'none'],
    ['?r0', 2, 'none'],
  ]);
  expect(summary).toMatchObject({ units: 1, unidentified: 1, fpy: { part: 0, whole: 1 } });
});

test('an empty ledger has no rates', async () => {
  const { summary } = await record([]);
  const nothing = { part: 0, whole: 0, rate: null };
  expect(summary).toMatchObject({ units: 0, good: 0, fpy: nothing, runYield: nothing, ntf: nothing });
  expect(Object.values(summary.phaseFpy)).toEqual(Array.from({ length: 7 }, () => nothing));
});

test('a unit of which only reflashes are left has no first run, and is in no yield', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const clock = new VirtualClock();
  const file = await openLedgerFile(path, clock);
  const { connection } = file;
  const ledger = new Ledger(file, clock);
  for (const runId of ['lost', 'again']) {
    ledger.openRun(opening(runId));
    ledger.closeRun(runId, passed(), { finishedAt });
  }
  expect(ledger.figures.yieldOf()).toMatchObject({ units: 1, fpy: { part: 1 }, good: 1 });
  // As a damage may leave it.
  connection.exec("DELETE FROM outbox WHERE run_id = 'lost'; DELETE FROM runs WHERE run_id = 'lost'");
  connection.transaction(() => deriveAnew(connection)).immediate();
  expect(ledger.figures.yieldOf()).toMatchObject({ units: 0, runYield: { part: 1, whole: 1 } });
  ledger.close();
});
