import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { StationBench } from '../support/station-bench.ts';

interface Edge {
  readonly nest: number;
  readonly what: string;
  readonly atMs: number;
}

/** A station whose nests have power lines, and what happened on these and on RST. */
async function stationWithPower(nests: number): Promise<{ bench: StationBench; edges: Edge[] }> {
  const edges: Edge[] = [];
  const beforeStart = (bench: SimulatedBench): void => {
    for (const nest of bench.nests) {
      for (const line of ['power', 'rst'] as const) {
        const tell = (what: string): void =>
          void edges.push({ nest: nest.number, what, atMs: systemClock.monotonic() });
        nest.wire(line).onChange((level) => tell(`${line} ${level}`));
      }
    }
  };
  return { bench: await StationBench.open({ nests, wiring: { power: true }, beforeStart }), edges };
}

test('nests that are pressed at once are fed one after the other, each only for its run', async () => {
  const { bench, edges } = await stationWithPower(3);
  await using _bench = bench;
  const numbers = [1, 2, 3];
  const chips = numbers.map((nest) => bench.insert({}, nest));
  expect(chips.map(({ state }) => state)).toEqual(['off', 'off', 'off']);
  const results = await Promise.all(numbers.map((nest) => bench.run(nest)));
  expect(results.map(({ outcome }) => outcome)).toEqual(['PASS', 'PASS', 'PASS']);
  const upMs = edges.filter(({ what }) => what === 'power high').map(({ atMs }) => atMs);
  expect(upMs).toHaveLength(3);
  for (const [index, atMs] of upMs.slice(1).entries()) expect(atMs - (upMs[index] ?? 0)).toBeGreaterThanOrEqual(75);
  for (const number of numbers) {
    const story = edges.filter(({ nest }) => nest === number).map(({ what }) => what);
    expect(story).toEqual(['power high', 'rst low', 'rst high', 'rst low', 'rst high', 'power low']);
  }
  expect(chips.map(({ state }) => state)).toEqual(['off', 'off', 'off']);
});

test('a stop in mid-write releases the straps and takes the supply', async () => {
  const { bench, edges } = await stationWithPower(1);
  await using _bench = bench;
  const chip = bench.insert({ speed: 'real' });
  let stopped: Promise<void> = Promise.resolve();
  bench.inMidWrite(() => {
    stopped = bench.station.stop();
  });
  expect(await bench.run()).toMatchObject({ outcome: 'ABORTED', code: 'O01', phase: 'write' });
  await stopped;
  expect(edges.map(({ what }) => what)).toEqual(['power high', 'rst low', 'rst high', 'power low']);
  expect(chip.state).toBe('off');
});
