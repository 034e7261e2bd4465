import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { lit, StationBench } from '../support/station-bench.ts';

test('a press cannot hurt: pressed again while running, the run goes on and the press is told', async () => {
  await using bench = await StationBench.open();
  bench.insert();
  const ended = bench.next('runResult');
  await bench.press();
  await bench.press();
  expect((await ended).result).toMatchObject({ outcome: 'PASS', seq: 1 });
  expect(await bench.told('press-ignored')).toEqual([
    expect.objectContaining({ kind: 'press-ignored', nest: 1, code: 'O03', code_name: 'PRESS_IGNORED' }),
  ]);
  expect(bench.station.ledger.runs()).toHaveLength(1);
  expect(lit(bench.nest())).toEqual(['pass']);
});

test('a press cannot hurt: a bouncing contact and a held button are one press', async () => {
  await using bench = await StationBench.open();
  bench.insert();
  const ended = bench.next('runResult');
  bench.nest().bounce(7);
  expect((await ended).result).toMatchObject({ outcome: 'PASS' });
  await systemClock.sleep(100);
  bench.nest().bounce(5, false);
  bench.nest().release();
  await systemClock.sleep(100);
  const kinds = bench.events.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'runStarted')).toHaveLength(1);
  expect(kinds).not.toContain('notice');
});

test('a press cannot hurt: a button that is held when the station starts starts nothing until it was let go', async () => {
  await using bench = await StationBench.open({ beforeStart: (nests) => nests.nest(1).press() });
  bench.insert();
  await systemClock.sleep(100);
  bench.nest().release();
  await systemClock.sleep(100);
  expect(bench.events.filter(({ kind }) => kind === 'runStarted')).toEqual([]);
  expect(await bench.run()).toMatchObject({ outcome: 'PASS', seq: 1 });
});
