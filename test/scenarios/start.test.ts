import { expect, test } from 'vitest';
import { startStation } from '../../src/daemon.ts';
import type { StationDrivers, StationSetup } from '../../src/daemon/station-setup.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { LineDriver } from '../../src/gpio/line.ts';
import { lockLedger } from '../../src/ledger/file/ledger-lock.ts';
import { startEmbeddedBroker } from '../../src/mqtt/embedded-broker.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { startListener } from '../mqtt/listener.ts';
import { startProxy } from '../mqtt/proxy.ts';
import { job } from '../support/nest-bench.ts';

/** A station of one nest that nobody has started yet. */
function unstarted(bench: SimulatedBench, ledgerPath: string, url: string | null): [StationSetup, StationDrivers] {
  const { number, portPath, lines } = bench.nest(1);
  return [
    {
      station: { id: 'bench', line: null },
      simulated: true,
      software: '0.0.0',
      nests: [{ id: number, port: portPath, baud: 921_600, lines, stuckAfterMs: 5_000 }],
      faultLamp: bench.faultLamp,
      estop: null,
      ledgerPath,
      mqtt: url === null ? null : { url, protocol: '3.1.1', baseTopic: 'jigd/bench' },
      loadJob: () => Promise.resolve(job),
      approved: null,
    },
    {
      lines: bench.lines,
      openLink: () => Promise.reject(new StationError('S04')),
      clock: systemClock,
      log: silentLogger(),
    },
  ];
}

test('a station whose button cannot be read does not start, and lets go of broker, lines and ledger', async () => {
  using folder = temporaryFolder();
  await using broker = await startEmbeddedBroker();
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  await using listener = await startListener(broker.url);
  const [setup, drivers] = unstarted(bench, folder.file('ledger.sqlite'), broker.url);
  const dead = new StationError('S03', 'The line of nest 1 button does not obey.');
  const lines: LineDriver = {
    description: 'lines with a dead button',
    openOutput: (spec, use) => bench.lines.openOutput(spec, use),
    openInput: async (spec, use) => ({
      ...(await bench.lines.openInput(spec, use)),
      read: () => {
        throw dead;
      },
    }),
    [Symbol.asyncDispose]: () => bench.lines[Symbol.asyncDispose](),
  };
  await expect(startStation(setup, { ...drivers, lines })).rejects.toBe(dead);
  expect(bench.nest(1).wire('rst').openedBy).toBeNull();
  using _free = await lockLedger(setup.ledgerPath);
  await systemClock.sleep(50);
  const said = listener.on('jigd/bench/status').map(({ reason }) => reason);
  expect(['stopped', undefined]).toContain(said.at(-1));
});

test('lines are safe: a stop lets go of them at once, however long the broker takes', async () => {
  using folder = temporaryFolder();
  await using broker = await startEmbeddedBroker();
  await using proxy = await startProxy(broker.port);
  await using listener = await startListener(broker.url);
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const station = await startStation(...unstarted(bench, folder.file('ledger.sqlite'), proxy.url));
  await listener.until((heard) => heard.some(({ topic }) => topic === 'jigd/bench/status'));
  proxy.deafen();
  let ended = false;
  const stopping = station.stop().then(() => {
    ended = true;
  });
  while (bench.nest(1).wire('rst').openedBy !== null) await systemClock.sleep(5);
  expect(ended).toBe(false);
  await stopping;
});

test('a stop lets go of lines and ledger, also when the end of a run went wrong', async () => {
  using folder = temporaryFolder();
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const station = await startStation(...unstarted(bench, folder.file('ledger.sqlite'), null));
  const [nest] = station.nests;
  const broken = new Error('broken');
  if (nest !== undefined) nest.stop = () => Promise.reject(broken);
  await expect(station.stop()).rejects.toBe(broken);
  expect(bench.nest(1).wire('rst').openedBy).toBeNull();
  using _free = await lockLedger(folder.file('ledger.sqlite'));
});

test('lines are safe: a line that cannot be had does not keep those of other nests from being released', async () => {
  using folder = temporaryFolder();
  await using bench = await SimulatedBench.open({ nests: 2, speed: 'fast', clock: systemClock });
  const [setup, drivers] = unstarted(bench, folder.file('ledger.sqlite'), null);
  const nests = bench.nests.map(({ number, portPath, lines }) => ({
    id: number,
    port: portPath,
    baud: 921_600,
    lines,
    stuckAfterMs: 5_000,
  }));
  const busy = new StationError('S03', 'The line of nest 1 rst is in use.');
  const lines: LineDriver = {
    description: 'lines of which one is in use',
    openOutput: (spec, use) => (use === 'nest 1 rst' ? Promise.reject(busy) : bench.lines.openOutput(spec, use)),
    openInput: (spec, use) => bench.lines.openInput(spec, use),
    [Symbol.asyncDispose]: () => bench.lines[Symbol.asyncDispose](),
  };
  // What a killed station left.
  const left = [bench.nest(1).wire('pass'), bench.nest(2).wire('pass'), bench.nest(2).wire('rst')] as const;
  for (const wire of left) wire.drive(wire.level === 'low' ? 'high' : 'low');
  await expect(startStation({ ...setup, nests }, { ...drivers, lines })).rejects.toBe(busy);
  expect(left.map(({ level }) => level)).toEqual(['low', 'low', 'high']);
  expect(left.map(({ openedBy }) => openedBy)).toEqual([null, null, null]);
});
