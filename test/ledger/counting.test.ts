import { expect, test } from 'vitest';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { RunReport } from '../../src/nest/outcome.ts';
import type { RunOpening } from '../../src/nest/run-result.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, silent, temporaryFolder } from './runs.ts';

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
  const summary = ledger.yieldSummary();
  ledger.close();
  return { results, summary };
}

function of(letter: string, report: RunReport): RunReport {
  return { ...report, identity: { ...identity, mac: `5c:cf:7f:00:00:0${letter}` } };
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
  expect(summary).toMatchObject({ countable: 1, passed: 1, units: 1, firstPassed: 1 });
});

test('a module that never answers is one unit of its own', async () => {
  const { results, summary } = await record([{ report: silent() }, { report: silent() }]);
  expect(results.map(({ unit, attempt, link }) => [unit, attempt, link])).toEqual([
    ['?r0', 1, 'none'],
    ['?r0', 2, 'none'],
  ]);
  expect(summary).toMatchObject({ units: 1, firstPassed: 0 });
});

// Production-station reference §5.5.
test('the yields of the worked example', async () => {
  const { summary } = await record([
    { report: of('a', passed()) },
    { report: silent() },
    { report: of('b', passed()) },
    { report: of('c', failed()) },
    { report: of('c', passed()) },
    { report: of('d', failed({ code: 'F01' })) },
    { report: of('d', failed({ code: 'F01' })) },
    { report: of('e', passed()) },
    { report: of('f', passed({ retries: 1 })) },
    { report: of('0', aborted) },
    { report: of('0', passed()) },
    { report: of('1', passed()), changes: { mode: 'golden' } },
  ]);
  expect(summary).toMatchObject({ countable: 10, passed: 6, units: 7, firstPassed: 4 });
  expect([summary.runYield?.share, summary.fpy?.share]).toEqual([0.6, 4 / 7]);
});

test('an empty ledger has no rates', async () => {
  const { summary } = await record([]);
  expect(summary).toEqual({ countable: 0, passed: 0, runYield: null, units: 0, firstPassed: 0, fpy: null });
});
