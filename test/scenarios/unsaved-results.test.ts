import { expect, test } from 'vitest';
import { openForWriting } from '../../src/ledger/file/database.ts';
import { said } from '../alarms/run-traces.ts';
import { behaviourStation } from '../support/behaviour-station.ts';
import { atMoment, run, runToEnd, verdicts } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

/** A run whose result could not be saved, since another process had the ledger; and what ends that. */
async function withUnsavedResult(at: VirtualStation): Promise<() => void> {
  const other = await openForWriting(at.ledgerPath);
  atMoment(at, 'closing', () => other.exec('BEGIN IMMEDIATE'));
  await runToEnd(at);
  expect(at.results()).toEqual([]);
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

function alarms(at: VirtualStation): string[] {
  return said(at.told.flatMap(({ event }) => (event.kind === 'alarm' ? [event.alarm] : [])));
}

test('a result that could not be saved is saved and told by itself once the storage works again', async () => {
  await using at = await behaviourStation();
  const free = await withUnsavedResult(at);
  expect(alarms(at)).toEqual(['+result-not-saved']);
  await at.elapse(12_000);
  expect([at.results(), alarms(at)]).toEqual([[], ['+result-not-saved']]);
  free();
  await at.elapse(6_000);
  expect(at.results()).toMatchObject([{ outcome: 'ERROR', code: 'S01', seq: 1 }]);
  expect(alarms(at)).toEqual(['+result-not-saved', '-result-not-saved']);
  expect(await run(at)).toMatchObject({ outcome: 'PASS', seq: 2 });
  await at.elapse(60_000);
  expect(verdicts(at)).toEqual(['S01', 'PASS']);
});

test('saved by the next press, it is saved once, and the alarm ends', async () => {
  await using at = await behaviourStation();
  const free = await withUnsavedResult(at);
  free();
  expect(await run(at)).toMatchObject({ outcome: 'PASS', seq: 2 });
  expect(alarms(at)).toEqual(['+result-not-saved', '-result-not-saved']);
  await at.elapse(60_000);
  expect(verdicts(at)).toEqual(['S01', 'PASS']);
});

test('an orderly stop saves it once more as S01, told before the end', async () => {
  await using at = await behaviourStation();
  const free = await withUnsavedResult(at);
  free();
  const { told } = at;
  await at.stop();
  expect(told.flatMap(({ event }) => (event.kind === 'runResult' ? [event.result.code] : []))).toEqual(['S01']);
  await at.start();
  expect(verdicts(at)).toEqual(['S01']);
});

test('what cannot be saved until the end is S05 at the next start', async () => {
  await using at = await behaviourStation();
  const free = await withUnsavedResult(at);
  await at.stop();
  free();
  await at.start();
  expect(verdicts(at)).toEqual(['S05']);
});
