import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';

import { systemClock } from '../../../src/foundation/system-clock.ts';
import { SimulatedBench } from '../../../src/simulator/bench/bench.ts';
import type { BenchOptions } from '../../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { PortClient } from '../support/port-client.ts';

const openBench = (nests: number, wiring: Partial<BenchOptions> = {}): Promise<SimulatedBench> =>
  SimulatedBench.open({ nests, speed: 'fast', clock: systemClock, ...wiring });

function module(options: Partial<ChipOptions> = {}): SimulatedChip {
  const efuses = efusesForMac('5c:cf:7f:00:00:01');
  return new SimulatedChip({ clock: systemClock, speed: 'fast', flash: w25q32, efuses, ...options });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(2);
}

test('RST and GPIO0 of a nest act on the module in it', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  using rst = await bench.lines.openOutput(nest.lines.rst, 'nest 1 rst');
  using gpio0 = await bench.lines.openOutput(nest.lines.gpio0, 'nest 1 gpio0');
  const chip = module();
  nest.insert(chip);
  rst.set(true);
  expect(chip.state).toBe('reset');
  gpio0.set(true);
  rst.set(false);
  await until(() => chip.state === 'rom-loader');
  rst.set(true);
  gpio0.set(false);
  rst.set(false);
  await until(() => chip.state === 'halted');
});

test('a module that is inserted sees lines that are held already', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  using rst = await bench.lines.openOutput(nest.lines.rst, 'nest 1 rst');
  rst.set(true);
  const chip = module();
  nest.insert(chip);
  expect(chip.state).toBe('reset');
  expect(nest.chip).toBe(chip);
  nest.remove();
  expect(chip.state).toBe('off');
  expect(nest.chip).toBeNull();
});

test('the boot text of a module reaches the port at 74880', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  await using client = await PortClient.open(nest.portPath, 74_880);
  nest.insert(module());
  const text = (await client.take(48)).toString('latin1');
  expect(text).toBe('\n ets Jan  8 2013,rst cause:1, boot mode:(3,7)\n\n');
});

test('a bouncing press is seen as edges that end pressed', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  using button = await bench.lines.openInput(nest.lines.button, 'nest 1 button');
  const seen: boolean[] = [];
  using watch = button.watch((pressed) => seen.push(pressed));
  nest.bounce(2);
  expect(seen).toEqual([true, false, true, false, true]);
  nest.release();
  nest.press();
  watch[Symbol.dispose]();
  nest.release();
  expect(seen.slice(5)).toEqual([false, true]);
  expect(button.read()).toBe(false);
});

test('lamps show what the station drives, and changes are told', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  const changes: string[] = [];
  using watch = nest.onLamp((lamp, lit) => changes.push(`${lamp} ${lit ? 'on' : 'off'}`));
  using pass = await bench.lines.openOutput(nest.lines.pass, 'nest 1 pass');
  using busy = await bench.lines.openOutput(nest.lines.busy, 'nest 1 busy');
  busy.set(true);
  expect(nest.lamps()).toEqual({ pass: false, fail: false, busy: true, ready: false });
  busy.set(false);
  pass.set(true);
  expect(nest.lamps()).toMatchObject({ pass: true, busy: false });
  watch[Symbol.dispose]();
  pass.set(false);
  expect(changes).toEqual(['busy on', 'busy off', 'pass on']);
});

test('lines and ports are different for every nest', async () => {
  await using bench = await openBench(16, { power: true, present: true });
  const numbers = bench.nests.flatMap(({ lines }) => Object.values(lines).map((line) => line?.bcm));
  expect(new Set(numbers)).toEqual(new Set(Array.from({ length: 16 * 10 }, (_, index) => index)));
  expect(new Set(bench.nests.map(({ portPath }) => portPath)).size).toBe(16);
  expect(() => bench.nest(17)).toThrow(RangeError);
});

test('a nest whose supply is not switched feeds its module, and has no sensor', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  expect(nest.lines).toMatchObject({ power: null, present: null });
  const chip = module();
  nest.insert(chip);
  expect(chip.state).not.toBe('off');
  nest.wire('power').pull('high');
  nest.wire('power').pull(null);
  expect(chip.state).not.toBe('off');
  expect(nest.wire('present').level).toBe('high');
  expect(() => nest.openLid()).toThrow('no sensor');
});

test('a module is fed while the station says so', async () => {
  await using bench = await openBench(1, { power: true });
  const nest = bench.nest(1);
  const chip = module();
  nest.insert(chip);
  expect(chip.state).toBe('off');
  await using client = await PortClient.open(nest.portPath, 74_880);
  using power = await bench.lines.openOutput(nest.lines.power!, 'nest 1 power');
  using rst = await bench.lines.openOutput(nest.lines.rst, 'nest 1 rst');
  expect(chip.state).toBe('off');
  rst.set(true);
  power.set(true);
  expect(chip.state).toBe('reset');
  rst.set(false);
  await until(() => chip.state !== 'reset');
  expect((await client.take(48)).toString('latin1')).toMatch(/^\n ets Jan/);
  power.set(false);
  expect(chip.state).toBe('off');
  nest.remove();
  power.set(true);
  nest.insert(chip);
  await until(() => chip.state !== 'off' && chip.state !== 'reset');
});

test('the sensor sees a module that is in under a closed lid', async () => {
  await using bench = await openBench(2, { present: true });
  const nest = bench.nest(2);
  using present = await bench.lines.openInput(nest.lines.present!, 'nest 2 present');
  const seen: boolean[] = [];
  using _watch = present.watch((active) => void seen.push(active));
  expect(present.read()).toBe(false);
  const chip = module();
  nest.insert(chip);
  nest.openLid();
  expect(chip.state).not.toBe('off');
  nest.closeLid();
  nest.remove();
  nest.openLid();
  nest.insert(module());
  nest.closeLid();
  expect(seen).toEqual([true, false, true, false, true]);
  expect(bench.nest(1).wire('present').level).toBe('high');
});

test('the emergency stop opens its contact, and so does a broken wire', async () => {
  await using bench = await openBench(1);
  using contact = await bench.lines.openInput(bench.estopLine, 'station estop');
  expect(contact.read()).toBe(false);
  bench.estop(true);
  expect(contact.read()).toBe(true);
  bench.estop(false);
  expect(contact.read()).toBe(false);
});

test('an unplugged port vanishes and comes back under the same path', async () => {
  await using bench = await openBench(1);
  const nest = bench.nest(1);
  nest.unplugPort();
  expect(existsSync(nest.portPath)).toBe(false);
  await nest.replugPort();
  await using client = await PortClient.open(nest.portPath, 74_880);
  nest.insert(module());
  expect(await client.take(10)).toHaveLength(10);
});

test('closing the bench removes its ports and lets go of its lines', async () => {
  const bench = await openBench(2);
  const chip = module();
  bench.nest(1).insert(chip);
  const rst = await bench.lines.openOutput(bench.nest(1).lines.rst, 'nest 1 rst');
  rst.set(true);
  const { portPath } = bench.nest(2);
  await bench[Symbol.asyncDispose]();
  expect(existsSync(dirname(portPath))).toBe(false);
  expect(chip.state).toBe('off');
  expect(bench.nest(1).wire('rst').level).toBe('high');
});
