import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { startStation } from '../../src/daemon.ts';
import type { StationDrivers, StationSetup } from '../../src/daemon/station-setup.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { LineDriver } from '../../src/gpio/line.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { job } from '../support/nest-bench.ts';
import { StationBench } from '../support/station-bench.ts';

test('a pass is one short tone, and the fault lamp stays dark', async () => {
  await using bench = await StationBench.open();
  bench.insert();
  const tones: string[] = [];
  bench
    .nest()
    .wire('buzzer')
    .onChange((level) => tones.push(level));
  expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  await systemClock.sleep(400);
  expect(tones).toEqual(['high', 'low']);
  expect(bench.bench.faultWire.level).toBe('low');
});

test('a port that is missing lights the fault lamp and sounds until the next press', async () => {
  await using bench = await StationBench.open();
  bench.insert();
  bench.nest().unplugPort();
  expect(await bench.run()).toMatchObject({ outcome: 'ERROR', code: 'S04' });
  const { faultWire } = bench.bench;
  expect([faultWire.level, bench.nest().wire('buzzer').level]).toEqual(['high', 'high']);
  await bench.nest().replugPort();
  const running = bench.next('runStarted').then(() => [faultWire.level, bench.nest().wire('buzzer').level]);
  expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  expect(await running).toEqual(['low', 'low']);
});

test('a station without a job shows it before anybody presses, until the job is there', async () => {
  let loads = 0;
  await using bench = await StationBench.open({
    setup: ({ loadJob }) => ({
      loadJob: () => ((loads += 1) === 1 ? Promise.reject(new StationError('J02')) : loadJob('job')),
    }),
  });
  bench.insert();
  expect(bench.bench.faultWire.level).toBe('high');
  expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  expect(bench.bench.faultWire.level).toBe('low');
});

/** A station of one nest without a broker. */
function setupOf(bench: SimulatedBench, ledgerPath: string): StationSetup {
  const { number, portPath, lines } = bench.nest(1);
  return {
    station: { id: 'bench', line: null },
    simulated: true,
    software: '0.0.0',
    nests: [{ id: number, port: portPath, baud: 921_600, lines, stuckAfterMs: 5_000 }],
    faultLamp: bench.faultLamp,
    estop: null,
    ledgerPath,
    mqtt: null,
    loadJob: () => Promise.resolve(job),
    approved: null,
  };
}

function driversOf(lines: LineDriver): StationDrivers {
  const openLink = (): Promise<never> => Promise.reject(new StationError('S04'));
  return { lines, openLink, clock: systemClock, log: silentLogger() };
}

test('buzzer and fault lamp are claimed inactive at the start, and are off and let go at the end', async () => {
  using folder = temporaryFolder();
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const buzzer = bench.nest(1).wire('buzzer');
  const levels: string[] = [];
  for (const wire of [buzzer, bench.faultWire]) wire.onChange((level) => levels.push(`${wire.openedBy} ${level}`));
  const station = await startStation(setupOf(bench, folder.file('ledger.sqlite')), driversOf(bench.lines));
  expect([buzzer.openedBy, bench.faultWire.openedBy, levels]).toEqual(['nest 1 buzzer', 'station fault', []]);
  bench.nest(1).press();
  while (bench.faultWire.level !== 'high') await systemClock.sleep(5);
  await station.stop();
  expect([buzzer.level, bench.faultWire.level]).toEqual(['low', 'low']);
  expect([buzzer.openedBy, bench.faultWire.openedBy]).toEqual([null, null]);
});

test('a lamp whose line does not obey lights the fault lamp', async () => {
  using folder = temporaryFolder();
  await using bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const lines: LineDriver = {
    description: 'lines with a dead ready lamp',
    openInput: (spec, use) => bench.lines.openInput(spec, use),
    openOutput: async (spec, use) => {
      const line = await bench.lines.openOutput(spec, use);
      const set = (on: boolean): void => {
        if (use === 'nest 1 ready' && on) throw new StationError('S03');
        line.set(on);
      };
      return { set, [Symbol.dispose]: () => line[Symbol.dispose]() };
    },
    [Symbol.asyncDispose]: () => bench.lines[Symbol.asyncDispose](),
  };
  const station = await startStation(setupOf(bench, folder.file('ledger.sqlite')), driversOf(lines));
  expect(bench.faultWire.level).toBe('high');
  await station.stop();
  expect(bench.faultWire.level).toBe('low');
});
