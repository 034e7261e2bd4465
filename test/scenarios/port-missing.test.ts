import { expect, test } from 'vitest';
import { job } from '../support/nest-bench.ts';
import { press, runToEnd, untilIdle } from '../support/station-steps.ts';
import { VirtualStation } from '../support/virtual-station.ts';

/** A station of two nests whose ports come and go. */
async function stationWithPorts(missing: Set<string>): Promise<VirtualStation> {
  return VirtualStation.open(2, job, {
    drivers: { isPortThere: (path) => Promise.resolve(!missing.has(path)) },
  });
}

/** Alarms and blocked starts, in their order. */
function story(virtual: VirtualStation): string[] {
  return virtual.told.flatMap(({ event }) => {
    if (event.kind === 'alarm') return [`${event.alarm.slug} ${event.alarm.active ? 'on' : 'off'} ${event.alarm.code}`];
    return event.kind === 'notice' ? [`${event.notice.kind} ${event.notice.nest} ${event.notice.code}`] : [];
  });
}

test('the port of an idle nest vanishes and comes back: that nest alone is out of service, and starts nothing by itself', async () => {
  const missing = new Set<string>();
  await using virtual = await stationWithPorts(missing);
  await runToEnd(virtual, 1);
  expect(virtual.nest(1).lamps.lit).toEqual(['pass']);
  missing.add('/dev/nest-1');
  virtual.nest(1).socket.unplug();
  await virtual.elapse(1_500);
  expect(virtual.state(1)).toMatchObject({ name: 'blocked', fault: { code: 'S04' } });
  expect(virtual.nest(1).lamps.lit).not.toContain('pass');
  await press(virtual, 1);
  await runToEnd(virtual, 2);
  expect(virtual.results().map(({ nest, outcome }) => [nest, outcome])).toEqual([
    [1, 'PASS'],
    [2, 'PASS'],
  ]);
  missing.clear();
  virtual.nest(1).socket.plugIn();
  await virtual.elapse(1_500);
  // No old green.
  expect([virtual.state(1).name, virtual.state(2).name]).toEqual(['ready', 'shown']);
  expect(story(virtual)).toEqual(['port-missing-1 on S04', 'blocked-start 1 S04', 'port-missing-1 off S04']);
  virtual.insert(1);
  await runToEnd(virtual, 1);
  expect(virtual.results().at(-1)).toMatchObject({ nest: 1, outcome: 'PASS' });
});

test('the port of a nest at work vanishes: its run ends as S04, the other nest goes on, and the next press after its return counts', async () => {
  const missing = new Set<string>();
  await using virtual = await stationWithPorts(missing);
  await Promise.all([press(virtual, 1), press(virtual, 2)]);
  missing.add('/dev/nest-1');
  virtual.nest(1).socket.unplug();
  await untilIdle(virtual);
  await virtual.elapse(1_500);
  const results = virtual.results().map(({ nest, outcome, code }) => [nest, outcome, code]);
  expect(results.toSorted()).toEqual([
    [1, 'ERROR', 'S04'],
    [2, 'PASS', null],
  ]);
  expect(virtual.state(1)).toMatchObject({ name: 'blocked', fault: { code: 'S04' } });
  missing.clear();
  virtual.nest(1).socket.plugIn();
  await virtual.elapse(1_500);
  expect(virtual.state(1).name).toBe('ready');
  await runToEnd(virtual, 1);
  expect(virtual.results().at(-1)).toMatchObject({ nest: 1, outcome: 'PASS' });
});

test('a port that is missing at the start keeps the station from nothing but that nest', async () => {
  const missing = new Set(['/dev/nest-1']);
  await using virtual = await stationWithPorts(missing);
  expect([virtual.state(1).name, virtual.state(2).name]).toEqual(['blocked', 'ready']);
  await runToEnd(virtual, 2);
  expect(virtual.results()).toEqual([expect.objectContaining({ nest: 2, outcome: 'PASS' })]);
  missing.clear();
  await virtual.elapse(1_500);
  expect(virtual.state(1).name).toBe('ready');
});

test('a port that is there and refuses makes a run that ends as S04, and no block', async () => {
  await using virtual = await stationWithPorts(new Set());
  virtual.nest(1).socket.unplug();
  await runToEnd(virtual, 1);
  await virtual.elapse(1_500);
  expect(virtual.state(1)).toMatchObject({ name: 'shown', outcome: 'ERROR', fault: { code: 'S04' } });
  expect(story(virtual)).toEqual([]);
});

test('a look at a port that takes for ever is not repeated, and holds nobody up', async () => {
  let looks = 0;
  await using virtual = await VirtualStation.open(1, job, {
    drivers: {
      isPortThere: () => {
        looks += 1;
        return new Promise(() => undefined);
      },
    },
  });
  await runToEnd(virtual, 1);
  await virtual.elapse(60_000);
  expect([looks, virtual.results().length, virtual.state(1).name]).toEqual([1, 1, 'shown']);
});
