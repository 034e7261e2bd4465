import { expect, test } from 'vitest';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, opening, passed, temporaryFolder } from './runs.ts';

test('all answers of a reader are of one moment, while the station goes on', async () => {
  using folder = temporaryFolder();
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock: new VirtualClock() });
  ledger.openRun(opening('first'));
  ledger.closeRun('first', passed(), { finishedAt });
  const reader = await LedgerReader.open(folder.file('ledger.sqlite'));
  expect(reader.extent()).toMatchObject({ runs: 1 });
  ledger.openRun(opening('second'));
  ledger.closeRun('second', failed(), { finishedAt });
  expect([...reader.eachRun({}, 'first-first')].map(({ record }) => record.run_id)).toEqual(['first']);
  expect(reader.yieldOf()).toMatchObject({ runYield: { part: 1, whole: 1 } });
  expect(reader.pareto('runs')).toEqual([]);
  reader.close();
  const later = await LedgerReader.open(folder.file('ledger.sqlite'));
  expect(later.extent()).toMatchObject({ runs: 2 });
  later.close();
  ledger.close();
});
