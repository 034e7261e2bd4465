import { expect, test } from 'vitest';
import { reportCommand } from '../../src/cli/report.ts';
import { hourChart } from '../../src/cli/ledger/hour-chart.ts';
import { LocalTime } from '../../src/foundation/local-time.ts';
import { proportion } from '../../src/ledger/yield/yield-figures.ts';
import { finishedAt, temporaryFolder } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { readingLedger } from './reading-ledger.ts';

const hourMs = 3_600_000;

async function report(...args: readonly string[]): Promise<string> {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await readingLedger(path);
  let output = '';
  const command = reportCommand((text) => void (output += text), new VirtualClock(finishedAt + 3 * hourMs));
  await command
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync([...args, '--ledger', path], { from: 'user' });
  return output;
}

const json = async (...args: readonly string[]): Promise<unknown> => JSON.parse(await report(...args, '--json'));

test('a report has every yield with its definition, interval and counts', async () => {
  const lines = (await report('--lot', 'L1')).split('\n').map((line) => line.replaceAll(/ {2,}/g, '  ').trim());
  // Two units: one not identified first, then failed, then passed; the other passed with a repeat.
  expect(lines).toEqual(
    expect.arrayContaining([
      'REPORT  lot L1, all of the ledger',
      'first-pass yield (first_ever)  50.0  9.5 to 90.5  1  2 units',
      'passed by attempt 2  50.0  9.5 to 90.5  1  2 units',
      'passed by attempt 3  100.0  34.2 to 100.0  2  2 units',
      'device-only first-pass yield  100.0  20.7 to 100.0  1  1 unit',
      'run yield  50.0  15.0 to 85.0  2  4 runs',
      'marginal passes  50.0  9.5 to 90.5  1  2 passes',
      'first attempt inferred  50.0  9.5 to 90.5  1  2 units',
      'in no yield: 1 ERROR run, 0 ABORTED runs',
    ]),
  );
});

test('both Paretos are told apart', async () => {
  const text = await report('--lot', 'L1');
  const [, byUnits = '', byRuns = ''] = /BY UNITS.*?\n([^]*?)\n\nFAILURES BY RUNS.*?\n([^]*?)\n\n/.exec(text) ?? [];
  expect(byUnits).toMatch(/^CODE.*\nC01 +NO_RESPONSE +1 +100\.0 +100\.0 +█+$/);
  expect(byRuns).toMatch(/^CODE.*\nC01 +NO_RESPONSE +1 +50\.0 +50\.0 +█+\nV01 +DIGEST_MISMATCH +1 +50\.0 +100\.0 +█+$/);
});

test.for([
  { args: [], runs: 7 },
  { args: ['--hours', '1'], runs: 2 },
  { args: ['--hours', '3'], runs: 7 },
  { args: ['--nest', '2'], runs: 3 },
  { args: ['--job', 'other'], runs: 0 },
  { args: ['--lot', 'L1', '--hours', '1'], runs: 1 },
  { args: ['--since', '2h', '--until', '2026-03-15T00:00:00Z'], runs: 2 },
])('the scope $args has $runs runs', async ({ args, runs }) => {
  expect(await json(...args)).toMatchObject({ schema: 'jigd.report/1', fpy_def: 'first_ever', runs });
});

test.for([{ args: [] }, { args: ['--lot', '=L2'] }, { args: ['--lot', 'none'] }, { args: ['--nest', '3'] }])(
  'a report of $args is never wider than 80 columns',
  async ({ args }) => {
    const lines = (await report(...args)).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  },
);

test('a scope without a run says so', async () => {
  expect(await report('--lot', 'none')).toBe(
    'REPORT  lot none, all of the ledger\n0 runs\n\nNo run lies in this scope.\n',
  );
});

test('the chart has a line for each local day; hours without a run are dots, hours outside are blank', () => {
  const fromMs = Date.UTC(2026, 10, 23, 21);
  const shares = [100, 97, 94, 85, null, 50, 10];
  const hours = shares.map((share, index) => ({
    fromMs: fromMs + index * hourMs,
    runYield: share === null ? proportion(0, 0) : proportion(share, 100),
  }));
  const [, first, second] = hourChart(hours, new LocalTime('UTC')).split('\n');
  expect(first).toBe(`2026-11-23  ${' '.repeat(42)}██▆▆▅▅  97.0 %     300`);
  expect(second).toBe(`2026-11-24  ▄▄··▂▂▁▁${' '.repeat(40)}  48.3 %     300`);
});

test('of a long time the chart has the last days, and says how many it leaves out', () => {
  const hours = Array.from({ length: 40 * 24 }, (_, hour) => ({
    fromMs: Date.UTC(2026, 0, 1) + hour * hourMs,
    runYield: proportion(1, 1),
  }));
  const lines = hourChart(hours, new LocalTime('UTC')).split('\n');
  expect(lines).toHaveLength(1 + 1 + 31 + 1);
  expect(lines[1]).toBe('… 9 earlier days');
});
