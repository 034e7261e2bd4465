import { expect, test } from 'vitest';
import { checkLedger } from '../../../src/ledger/check/check-ledger.ts';
import { openForWriting } from '../../../src/ledger/file/database.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failed, finishedAt, opening, passed, silent, temporaryFolder } from '../runs.ts';

async function written(path: string): Promise<Ledger> {
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  [silent(), passed(), failed(), passed(), silent()].forEach((report, index) => {
    ledger.openRun(opening(`r${index}`, { lot: 'L1', monoMs: index * 30_000 }));
    ledger.closeRun(`r${index}`, report, { finishedAt: finishedAt + index });
  });
  ledger.openRun(opening('under-way'));
  return ledger;
}

async function problemsOf(path: string): Promise<Record<string, readonly string[]>> {
  const { findings } = await checkLedger(path);
  return Object.fromEntries(
    findings.filter(({ problems }) => problems.length > 0).map(({ check, problems }) => [check, problems]),
  );
}

test('a ledger that a station works with is sound, and the check changes nothing in it', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const ledger = await written(path);
  const before = [ledger.runs(), ledger.figures.yieldOf()];
  const { runs, epochs, findings } = await checkLedger(path);
  expect({ runs, epochs }).toEqual({ runs: 5, epochs: 1 });
  expect(findings.map(({ check, problems }) => [check, problems])).toEqual(
    ['content', 'references', 'sequence', 'links', 'units', 'counters', 'outbox'].map((check) => [check, []]),
  );
  expect([ledger.runs(), ledger.figures.yieldOf()]).toEqual(before);
  ledger.openRun(opening('next'));
  ledger.closeRun('next', passed(), { finishedAt });
  ledger.close();
});

test.for<{ change: string; problems: Record<string, unknown> }>([
  {
    change: "UPDATE counters SET passed = passed + 1 WHERE scope = 'lot'",
    problems: {
      counters: ['1 rows of counters are not what the runs say, 1 that the runs ask for are not there.'],
    },
  },
  {
    change: 'DELETE FROM units',
    problems: { units: [expect.stringMatching(/^0 rows of units are not .* [1-9]\d* that the runs/)] },
  },
  {
    change: 'UPDATE units SET attempts = 9',
    problems: { units: [expect.stringMatching(/^[1-9]\d* rows of units are not/)] },
  },
  { change: 'DELETE FROM links', problems: { links: [expect.stringContaining('1 that the runs ask for')] } },
  {
    change: "DELETE FROM outbox WHERE run_id = 'r4'; DELETE FROM runs WHERE run_id = 'r4'",
    problems: { counters: [expect.anything()], units: [expect.anything()] },
  },
  {
    change: "UPDATE runs SET seq = 9 WHERE run_id = 'r4'",
    problems: { sequence: [expect.stringMatching(/^Epoch [0-9a-f]{16} lacks seq 5 to 8\.$/)] },
  },
  {
    change: "UPDATE runs SET seq = 6 WHERE run_id = 'r4'",
    problems: { sequence: [expect.stringMatching(/lacks seq 5\.$/)] },
  },
  {
    change: `PRAGMA foreign_keys = OFF; UPDATE outbox SET run_id = 'nobody' WHERE position = 2`,
    problems: {
      references: ['1 rows of outbox belong to nothing.'],
      outbox: ['1 rows of the outbox belong to no closed run.'],
    },
  },
  {
    change: 'UPDATE outbox SET payload = replace(payload, \'"r1"\', \'"r2"\')',
    problems: { outbox: ['1 rows of the outbox hold the result of another run.'] },
  },
])('is found and told: $change', async ({ change, problems }) => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  (await written(path)).close();
  const connection = await openForWriting(path);
  connection.exec(change);
  connection.close();
  expect(await problemsOf(path)).toEqual(problems);
});
