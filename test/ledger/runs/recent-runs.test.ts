import { expect, test } from 'vitest';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, temporaryFolder } from '../runs.ts';
import type { RunOpening } from '../../../src/nest/run/run-result.ts';
import type { RunReport } from '../../../src/nest/run/outcome.ts';

async function opened() {
  const folder = temporaryFolder();
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock: new VirtualClock() });
  let runs = 0;
  return {
    ledger,
    record(report: RunReport, changes: Partial<RunOpening> = {}, atMs = finishedAt) {
      runs += 1;
      ledger.openRun(opening(`r${runs}`, changes));
      ledger.closeRun(`r${runs}`, report, { finishedAt: atMs });
    },
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

test('the last runs of a nest come in the order of recording, without those that have no end or were refused', async () => {
  using here = await opened();
  const { ledger } = here;
  const record: typeof here.record = (...run) => here.record(...run);
  record(passed());
  record(failed(), { nest: 2 });
  record(failed(), { mode: 'golden' });
  record(passed());
  ledger.openRun(opening('open'));
  ledger.openRun(opening('refused'));
  ledger.refuseRun('refused', { code: 'D05', detail: 'Done.', identity, finishedAt });
  const last = ledger.figures.recentRuns(1, 2);
  expect(last).toEqual([
    expect.objectContaining({ position: 3, mode: 'golden', outcome: 'FAIL', code: 'V01' }),
    {
      ...{ position: 4, nest: 1, mode: 'production', outcome: 'PASS', code: null, marginal: 0, retries: 0 },
      ...{ ms_connect: 210, ms_write: 16_801, bytes_skipped: 0, job_hash: 'sha256:aa' },
      ...{ product: 'esp12-a', flash_id: 'ef4016' },
    },
  ]);
  expect(ledger.figures.recentRuns(3, 2)).toEqual([]);
});

test('runs since the last failure of any mode, counted up to a limit', async () => {
  using here = await opened();
  const { ledger } = here;
  const record: typeof here.record = (...run) => here.record(...run);
  const since = (): number => ledger.figures.runsSinceFailure(3);
  expect(since()).toBe(0);
  record(passed());
  record(failed({ outcome: 'ABORTED', code: 'O01' }));
  record(passed(), { mode: 'golden' });
  record(passed());
  expect(since()).toBe(2);
  record(passed());
  record(passed());
  expect(since()).toBe(3);
  record(failed(), { mode: 'limit' });
  expect(since()).toBe(0);
});

test('the last passes beside those of the time before them', async () => {
  using here = await opened();
  const { ledger } = here;
  const record: typeof here.record = (...run) => here.record(...run);
  const trend = () => ledger.figures.marginalTrend(2, 1_000);
  const none = { passed: 0, marginal: 0 };
  expect(trend()).toEqual({ recent: none, before: none });
  record(passed({ marginal: true }), {}, finishedAt);
  record(passed({ marginal: true }), {}, finishedAt + 500);
  record(passed(), {}, finishedAt + 600);
  record(failed(), {}, finishedAt + 700);
  record(passed({ marginal: true }), { mode: 'golden' }, finishedAt + 800);
  record(passed({ marginal: true }), {}, finishedAt + 1_500);
  record(passed(), {}, finishedAt + 1_600);
  // The first one ended more than a second before the first of the last two.
  expect(trend()).toEqual({ recent: { passed: 2, marginal: 1 }, before: { passed: 2, marginal: 1 } });
});

test('passes of a clock that was ahead are not the last ones for ever', async () => {
  using here = await opened();
  const { ledger } = here;
  const record: typeof here.record = (...run) => here.record(...run);
  const trend = () => ledger.figures.marginalTrend(2, 1_000);
  const years = 3 * 365 * 24 * 3_600_000;
  record(passed(), {}, finishedAt);
  record(passed(), {}, finishedAt + years);
  record(passed(), {}, finishedAt + years + 1);
  record(passed(), {}, finishedAt + 500);
  record(passed({ marginal: true }), {}, finishedAt + 600);
  record(passed({ marginal: true }), {}, finishedAt + 700);
  expect(trend()).toEqual({ recent: { passed: 2, marginal: 2 }, before: { passed: 2, marginal: 0 } });
});

test('the last runs of the station are those of whatever nests it had', async () => {
  using here = await opened();
  const { ledger } = here;
  const record: typeof here.record = (...run) => here.record(...run);
  record(passed());
  record(failed(), { nest: 7 });
  record(passed(), { nest: null });
  expect(ledger.figures.recentRuns('station', 2)).toMatchObject([
    { position: 2, nest: 7, outcome: 'FAIL' },
    { position: 3, nest: null, outcome: 'PASS' },
  ]);
});
