import { expect, test } from 'vitest';

import type { LineSpec } from '../../../src/gpio/line.ts';
import { SimulatedLines } from '../../../src/simulator/bench/simulated-lines.ts';

const rst: LineSpec = { bcm: 6, active: 'low', drive: 'open-drain' };
const button: LineSpec = { bcm: 4, active: 'low', drive: 'push-pull' };
const lamp: LineSpec = { bcm: 17, active: 'high', drive: 'push-pull' };

test('an open-drain line is driven low or released, never driven high', async () => {
  await using lines = new SimulatedLines();
  const wire = lines.wire(rst.bcm);
  using line = await lines.openOutput(rst, 'nest 1 rst');
  expect([wire.level, wire.drivenBy]).toEqual(['high', null]);
  line.set(true);
  expect([wire.level, wire.drivenBy]).toEqual(['low', 'nest 1 rst']);
  line.set(false);
  expect([wire.level, wire.drivenBy]).toEqual(['high', null]);
  wire.pull('low');
  expect([wire.level, wire.drivenBy]).toEqual(['low', 'outside']);
});

test('a push-pull line is driven to both levels and goes dark when it is closed', async () => {
  await using lines = new SimulatedLines();
  const wire = lines.wire(lamp.bcm, 'low');
  const line = await lines.openOutput(lamp, 'nest 1 pass');
  line.set(true);
  expect([wire.level, wire.drivenBy]).toEqual(['high', 'nest 1 pass']);
  line.set(false);
  expect([wire.level, wire.drivenBy]).toEqual(['low', 'nest 1 pass']);
  line.set(true);
  line[Symbol.dispose]();
  expect([wire.level, wire.drivenBy, wire.openedBy]).toEqual(['low', null, null]);
  expect(() => line.set(true)).toThrow(expect.objectContaining({ code: 'S03' }));
});

test('opening an output makes no edge', async () => {
  await using lines = new SimulatedLines();
  const edges: string[] = [];
  for (const spec of [rst, lamp]) {
    lines.wire(spec.bcm, spec === lamp ? 'low' : 'high').onChange((level) => edges.push(level));
    await lines.openOutput(spec, 'test');
  }
  expect(edges).toEqual([]);
});

test('an input reads and reports the outside world until its watch is taken off', async () => {
  await using lines = new SimulatedLines();
  using line = await lines.openInput(button, 'nest 1 button');
  const seen: boolean[] = [];
  const watch = line.watch((active) => seen.push(active));
  const wire = lines.wire(button.bcm);
  expect(line.read()).toBe(false);
  wire.pull('low');
  wire.pull('low');
  expect(line.read()).toBe(true);
  wire.pull(null);
  watch[Symbol.dispose]();
  wire.pull('low');
  expect(seen).toEqual([true, false]);
});

test('a line that is open already is refused with the use that has it', async () => {
  await using lines = new SimulatedLines();
  const first = await lines.openOutput(rst, 'nest 1 rst');
  await expect(lines.openInput({ ...button, bcm: rst.bcm }, 'nest 2 button')).rejects.toMatchObject({
    code: 'S03',
    detail: 'GPIO6 for nest 2 button is in use as nest 1 rst.',
  });
  first[Symbol.dispose]();
  using second = await lines.openInput({ ...button, bcm: rst.bcm }, 'nest 2 button');
  expect(second.read()).toBe(false);
  first[Symbol.dispose]();
  expect(lines.wire(rst.bcm).openedBy).toBe('nest 2 button');
});

test('a bias counts while the line is open', async () => {
  await using lines = new SimulatedLines();
  const wire = lines.wire(20, 'low');
  const line = await lines.openInput({ bcm: 20, active: 'low', pull: 'up', drive: 'push-pull' }, 'test');
  expect(wire.level).toBe('high');
  line[Symbol.dispose]();
  expect(wire.level).toBe('low');
});

test('closing the driver lets go of every line', async () => {
  const lines = new SimulatedLines();
  const reset = await lines.openOutput(rst, 'nest 1 rst');
  const pass = await lines.openOutput(lamp, 'nest 1 pass');
  reset.set(true);
  pass.set(true);
  await lines[Symbol.asyncDispose]();
  expect([lines.wire(rst.bcm).level, lines.wire(lamp.bcm).level]).toEqual(['high', 'low']);
  expect(() => reset.set(true)).toThrow(expect.objectContaining({ code: 'S03' }));
});
