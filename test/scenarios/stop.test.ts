import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunPhase } from '../../src/nest/run/outcome.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { StationBench } from '../support/station-bench.ts';

const killedStation = join(import.meta.dirname, 'killed-station.ts');

test('every run ends: a stop in mid-write is recorded as aborted, and lines and lamps are let go', async () => {
  using folder = temporaryFolder();
  {
    await using bench = await StationBench.open({ folder: folder.path });
    bench.insert({ speed: 'real' });
    let stopped: Promise<void> = Promise.resolve();
    bench.inMidWrite(() => {
      stopped = bench.station.stop();
    });
    const result = await bench.run();
    await stopped;
    expect(result).toMatchObject({
      outcome: 'ABORTED',
      code: 'O01',
      phase: 'write',
      dirty: 1,
      pass: 0,
      attempt: null,
      seq: 1,
    });
    expect(bench.outputs()).toEqual({ rst: 'high', gpio0: 'high', lit: [] });
    expect((await bench.received(1))[0]).toEqual(result);
  }
  await using again = await StationBench.open({ folder: folder.path });
  expect(again.station.ledger.runs()).toEqual([expect.objectContaining({ code: 'O01', dirty: 1, seq: 1 })]);
  again.insert();
  expect(await again.run()).toMatchObject({ outcome: 'PASS', seq: 2 });
});

test('a stop during the load of a job that was missing makes no run', async () => {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let loads = 0;
  await using bench = await StationBench.open({
    setup: ({ loadJob }) => ({
      loadJob: async () => {
        loads += 1;
        if (loads === 1) throw new Error('The disk is not mounted yet.');
        await arrived;
        return loadJob('job');
      },
    }),
  });
  bench.insert();
  await bench.press();
  expect(loads).toBe(2);
  expect(bench.events.at(-1)).toMatchObject({ kind: 'nestState', state: { state: 'running', phase: null } });
  const stopped = bench.station.stop();
  arrive();
  await stopped;
  expect(bench.events.map(({ kind }) => kind)).not.toContain('runStarted');
  expect(bench.outputs()).toEqual({ rst: 'high', gpio0: 'high', lit: [] });
});

/** Runs a station in a process of its own, which is killed as soon as its run is in that phase. */
async function killedIn(phase: RunPhase, folder: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', killedStation, folder, phase], {
    stdio: 'inherit',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  expect(signal).toBe('SIGKILL');
}

test('nothing is lost: a run that a kill interrupted is closed as S05 at the next start, with its number', async () => {
  using folder = temporaryFolder();
  await killedIn('connect', folder.path);
  await killedIn('write', folder.path);
  await using bench = await StationBench.open({ folder: folder.path });
  const interrupted = { outcome: 'ABORTED', code: 'S05', code_name: 'INTERRUPTED', pass: 0, attempt: null };
  const closed = bench.station.ledger.runs().toReversed();
  expect(closed).toEqual([
    expect.objectContaining({ ...interrupted, seq: 1, dirty: 0, mac: null }),
    expect.objectContaining({ ...interrupted, seq: 2, dirty: 1, mac: '5c:cf:7f:00:00:01', flash_id: 'ef4016' }),
  ]);
  // The first one went to the broker of the station that was killed next.
  expect(await bench.received(1)).toEqual(closed.slice(1));
  bench.insert();
  expect(await bench.run()).toMatchObject({ outcome: 'PASS', seq: 3 });
});
