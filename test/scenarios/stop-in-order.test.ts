import { expect, test } from 'vitest';
import { job } from '../support/nest-bench.ts';
import { press, runToEnd } from '../support/station-steps.ts';
import { VirtualStation } from '../support/virtual-station.ts';

/** Of a station of three nests: the first has passed, the second works, the third is ready. */
async function atWork(): Promise<VirtualStation> {
  const virtual = await VirtualStation.open(3, job);
  await runToEnd(virtual, 1);
  await press(virtual, 2);
  return virtual;
}

function outcomes(virtual: VirtualStation): unknown[] {
  return virtual.results().map(({ nest, outcome, code }) => [nest, outcome, code]);
}

test('a stop lets the run under way end, keeps verdicts lit meanwhile, starts nothing more, and leaves all dark', async () => {
  await using virtual = await atWork();
  let stopped = false;
  const stopping = virtual.station.stop(60_000).then(() => (stopped = true));
  await virtual.elapse(30);
  expect([virtual.nest(1).lamps.lit, virtual.state(2).name, virtual.nest(3).lamps.lit]).toEqual([
    ['pass'],
    'running',
    [],
  ]);
  expect([virtual.state(3).name, stopped]).toEqual(['stopping', false]);
  await press(virtual, 3);
  await press(virtual, 1);
  // A verdict does not stay over a press that starts nothing.
  expect(virtual.nest(1).lamps.lit).not.toContain('pass');
  await virtual.drive(stopping);
  expect(outcomes(virtual)).toEqual([
    [1, 'PASS', null],
    [2, 'PASS', null],
  ]);
  const refused = virtual.told.flatMap(({ event }) => (event.kind === 'notice' ? [event.notice] : []));
  expect(refused.map(({ kind, nest, code }) => [kind, nest, code])).toEqual([
    ['blocked-start', 3, 'O01'],
    ['blocked-start', 1, 'O01'],
  ]);
  expect([1, 2, 3].flatMap((nest) => virtual.nest(nest).lamps.lit)).toEqual([]);
});

test('a run that takes longer than a stop waits is aborted, with its record', async () => {
  await using virtual = await atWork();
  const startMs = virtual.clock.monotonic();
  await virtual.drive(virtual.station.stop(200));
  expect(outcomes(virtual).at(-1)).toEqual([2, 'ABORTED', 'O01']);
  const waitedMs = virtual.clock.monotonic() - startMs;
  expect(waitedMs).toBeGreaterThanOrEqual(200);
  expect(waitedMs).toBeLessThan(3_000);
});

test('who stops again does not want to wait', async () => {
  await using virtual = await atWork();
  const first = virtual.station.stop(600_000);
  await virtual.elapse(100);
  const second = virtual.station.stop();
  await virtual.drive(Promise.all([first, second]));
  expect(outcomes(virtual).at(-1)).toEqual([2, 'ABORTED', 'O01']);
});

test('a station without a run under way waits for nothing', async () => {
  await using virtual = await VirtualStation.open(1, job);
  const startMs = virtual.clock.monotonic();
  await virtual.drive(virtual.station.stop(600_000));
  expect(virtual.clock.monotonic() - startMs).toBeLessThan(100);
});
