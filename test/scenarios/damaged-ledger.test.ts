import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../ledger/runs.ts';
import { StationBench } from '../support/station-bench.ts';

test('a station whose ledger is damaged says so with the numbers, sends what waited, and goes on', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const before = await Ledger.open(path, { clock: systemClock });
  for (const runId of ['r1', 'r2', 'r3']) {
    before.openRun(opening(runId));
    before.closeRun(runId, passed(), { finishedAt });
  }
  before.close();
  const bytes = new Uint8Array(4096);
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);

  await using bench = await StationBench.open({ folder: folder.path });
  const topic = 'jigd/bench/alarm/ledger';
  await bench.consumer.until((heard) => heard.some((each) => each.topic === topic && 'detail' in each.body));
  const alarm = bench.consumer.heard.find((each) => each.topic === topic && 'detail' in each.body);
  expect(alarm?.body).toMatchObject({ slug: 'ledger', code: 'S01', nest: null });
  expect(String(alarm?.body['detail'])).toContain('3 of 3 runs up to seq 3 are there, 0 lost');
  await bench.consumer.until((heard) => heard.filter((each) => each.topic === 'jigd/bench/run/result').length === 3);
  expect(bench.station.ledger.epoch).not.toBe(before.epoch);
});
