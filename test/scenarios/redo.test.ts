import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { opening, temporaryFolder } from '../ledger/runs.ts';
import { alternates, StationBench } from '../support/station-bench.ts';

/** What a power cut leaves: a run of nest 1 that has begun. */
async function cutRun(path: string): Promise<void> {
  const ledger = await Ledger.open(path, { clock: systemClock });
  ledger.openRun(opening('cut', { nest: 1 }));
  ledger.close();
}

const redo = { name: 'shown', runId: 'cut', outcome: 'ABORTED', fault: { code: 'S05' } };

test('a nest whose run was cut off asks for a redo, also after another start, until the next press, which starts', async () => {
  using folder = temporaryFolder();
  await cutRun(folder.file('ledger.sqlite'));
  for (const start of ['first', 'second']) {
    await using bench = await StationBench.open({ folder: folder.path, nests: 2 });
    bench.insert();
    const [first, second] = bench.station.nests;
    expect([start, first?.state, second?.state]).toMatchObject([start, redo, { name: 'ready' }]);
    expect(new Set(await alternates(bench.nest()))).toEqual(new Set(['fail', 'busy']));
    // Nothing starts by itself.
    expect(bench.station.ledger.runs().map(({ run_id }) => run_id)).toEqual(['cut']);
  }
  {
    await using bench = await StationBench.open({ folder: folder.path, nests: 2 });
    bench.insert();
    expect(await bench.run()).toMatchObject({ nest: 1, outcome: 'PASS', seq: 2 });
  }
  await using after = await StationBench.open({ folder: folder.path, nests: 2 });
  expect(after.station.nests.map(({ state }) => state.name)).toEqual(['ready', 'ready']);
});

test('a nest with a sensor asks for a redo while the module is in, and for the next module when it has left', async () => {
  using folder = temporaryFolder();
  await cutRun(folder.file('ledger.sqlite'));
  {
    await using bench = await StationBench.open({ folder: folder.path, wiring: { present: true } });
    expect(bench.station.nests[0]?.state).toEqual({ name: 'empty' });
  }
  await using bench = await StationBench.open({
    folder: folder.path,
    wiring: { present: true },
    beforeStart: (nests) => nests.nest(1).wire('present').pull('low'),
  });
  expect(bench.station.nests[0]?.state).toMatchObject(redo);
  const left = bench.next('nestState', ({ state }) => state.state === 'empty');
  bench.nest().wire('present').pull(null);
  expect((await left).state).toMatchObject({ state: 'empty', code: null });
});
