import { expect, test } from 'vitest';
import type { LineSpec } from '../../src/gpio/line.ts';
import { linesOfNest } from '../../src/open-nest.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { LineWire } from '../../src/simulator/line-wire.ts';
import { SimulatedLines } from '../../src/simulator/simulated-lines.ts';
import type { SimulatedBench } from '../../src/simulator/bench.ts';
import { StationBench } from '../support/station-bench.ts';

interface Edge {
  readonly nest: number;
  readonly what: string;
  readonly atMs: number;
}

/** Beyond the lines of the bench. */
const powerOf = (nest: number): LineSpec => ({ bcm: 20_000 + nest, active: 'high', drive: 'push-pull' });

/** A station whose nests have power lines, and what happened on these and on RST. */
async function stationWithPower(nests: number): Promise<{ bench: StationBench; edges: Edge[]; power: LineWire[] }> {
  const edges: Edge[] = [];
  const power: LineWire[] = [];
  const beforeStart = (bench: SimulatedBench): void => {
    if (!(bench.lines instanceof SimulatedLines)) throw new Error('The bench has other lines.');
    for (const { number } of bench.nests) {
      const wire = bench.lines.wire(powerOf(number).bcm, 'low');
      const tell = (what: string): void => void edges.push({ nest: number, what, atMs: systemClock.monotonic() });
      wire.onChange((level) => tell(`power ${level}`));
      bench.nest(number).wire('rst').onChange((level) => tell(`rst ${level}`)); // prettier-ignore
      power.push(wire);
    }
  };
  const bench = await StationBench.open({
    nests,
    beforeStart,
    setup: (setup) => ({
      nests: setup.nests.map((nest) => ({ ...nest, lines: { ...nest.lines, power: powerOf(nest.id) } })),
    }),
  });
  return { bench, edges, power };
}

test('nests that are pressed at once are fed one after the other, each only for its run', async () => {
  const { bench, edges, power } = await stationWithPower(3);
  await using _bench = bench;
  const numbers = [1, 2, 3];
  for (const nest of numbers) bench.insert({}, nest);
  const results = await Promise.all(numbers.map((nest) => bench.run(nest)));
  expect(results.map(({ outcome }) => outcome)).toEqual(['PASS', 'PASS', 'PASS']);
  const upMs = edges.filter(({ what }) => what === 'power high').map(({ atMs }) => atMs);
  expect(upMs).toHaveLength(3);
  for (const [index, atMs] of upMs.slice(1).entries()) expect(atMs - (upMs[index] ?? 0)).toBeGreaterThanOrEqual(75);
  for (const number of numbers) {
    const story = edges.filter(({ nest }) => nest === number).map(({ what }) => what);
    expect(story).toEqual(['power high', 'rst low', 'rst high', 'rst low', 'rst high', 'power low']);
  }
  expect(power.map(({ level }) => level)).toEqual(['low', 'low', 'low']);
});

test('a stop in mid-write releases the straps and takes the supply', async () => {
  const { bench, edges } = await stationWithPower(1);
  await using _bench = bench;
  bench.insert({ speed: 'real' });
  let stopped: Promise<void> = Promise.resolve();
  bench.inMidWrite(() => {
    stopped = bench.station.stop();
  });
  expect(await bench.run()).toMatchObject({ outcome: 'ABORTED', code: 'O01', phase: 'write' });
  await stopped;
  expect(edges.map(({ what }) => what)).toEqual(['power high', 'rst low', 'rst high', 'power low']);
});

test('of the lines of a nest the straps are released first, then the supply goes off', () => {
  const low = { active: 'low', drive: 'open-drain' } as const;
  const high = { active: 'high', drive: 'push-pull' } as const;
  const lines = {
    button: { bcm: 1, ...low, debounceMs: 20 },
    present: null,
    power: powerOf(1),
    pass: { bcm: 2, ...high },
    fail: { bcm: 3, ...high },
    busy: { bcm: 4, ...high },
    ready: null,
    buzzer: null,
    rst: { bcm: 5, ...low },
    gpio0: { bcm: 6, ...low },
  };
  const uses = linesOfNest({ id: 1, port: '/dev/x', baud: 115_200, lines, stuckAfterMs: null }).map(({ use }) => use);
  expect(uses.slice(0, 3)).toEqual(['nest 1 gpio0', 'nest 1 rst', 'nest 1 power']);
  expect(uses).toHaveLength(7);
});
