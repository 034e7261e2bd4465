import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { lockLedger } from '../../src/ledger/file/ledger-lock.ts';
import { job } from '../support/nest-bench.ts';
import { press, runToEnd } from '../support/station-steps.ts';
import { VirtualStation } from '../support/virtual-station.ts';

/** Of a station of two nests: the first has passed and then lost its port, the second works. */
async function workingWithoutPort(): Promise<VirtualStation> {
  const missing = new Set<string>();
  const virtual = await VirtualStation.open(2, job, {
    drivers: { isPortThere: (path) => Promise.resolve(!missing.has(path)) },
  });
  await runToEnd(virtual, 1);
  missing.add('/dev/nest-1');
  await virtual.elapse(1_500);
  await press(virtual, 2);
  return virtual;
}

test('a green that went out with its port does not come back in a stop', async () => {
  await using virtual = await workingWithoutPort();
  expect(virtual.nest(1).lamps.lit).not.toContain('pass');
  const stopping = virtual.station.stop(60_000);
  await virtual.elapse(30);
  expect([virtual.state(1).name, virtual.nest(1).lamps.lit]).toEqual(['stopping', []]);
  await virtual.drive(stopping);
});

test('a green that went out while the station was already stopping does not come back either', async () => {
  await using virtual = await VirtualStation.open(2, job);
  await runToEnd(virtual, 1);
  await press(virtual, 2);
  const stopping = virtual.station.stop(60_000);
  await virtual.elapse(30);
  expect(virtual.nest(1).lamps.lit).toEqual(['pass']);
  const [first] = virtual.station.nests;
  first?.halt(new StationError('O01', 'The emergency stop is pressed.'));
  expect(virtual.nest(1).lamps.lit).not.toContain('pass');
  first?.unblock('estop');
  expect([virtual.state(1).name, virtual.nest(1).lamps.lit]).toEqual(['stopping', []]);
  await virtual.drive(stopping);
});

test('a line that cannot be let go keeps no other line, and nothing else of the station, from being let go', async () => {
  await using virtual = await VirtualStation.open(2, job);
  await runToEnd(virtual, 2);
  const stuck = virtual.nest(1).wire('button');
  stuck.close = () => {
    throw new Error('The kernel keeps it.');
  };
  await expect(virtual.drive(virtual.station.stop())).rejects.toThrow('The kernel keeps it.');
  const wires = [1, 2].flatMap((nest) =>
    (['gpio0', 'rst', 'pass'] as const).map((name) => virtual.nest(nest).wire(name)),
  );
  expect(wires.map(({ openedBy, drivenBy }) => openedBy ?? drivenBy)).toEqual(wires.map(() => null));
  (await lockLedger(virtual.ledgerPath))[Symbol.dispose]();
  virtual.cutPower();
  await virtual.start();
  await runToEnd(virtual, 1);
  expect(virtual.results().at(-1)).toMatchObject({ nest: 1, outcome: 'PASS' });
});
