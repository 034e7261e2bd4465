import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eraseCommand } from '../../src/cli/erase.ts';
import { flashCommand } from '../../src/cli/flash.ts';
import { identifyCommand } from '../../src/cli/identify.ts';
import type { OpenLines } from '../../src/cli/module/module-target.ts';
import { readCommand } from '../../src/cli/read.ts';
import type { TerminalOutput } from '../../src/cli/terminal/terminal-output.ts';
import { verifyCommand } from '../../src/cli/verify.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { bootableImage } from '../support/bench-job.ts';

type MakeCommand = (output: TerminalOutput, openLines: OpenLines) => Command;

const image = bootableImage(8_000);
let bench: SimulatedBench;
let folder: string;

beforeEach(async () => {
  bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock, power: true });
  folder = mkdtempSync(join(tmpdir(), 'jigd-power-'));
  writeFileSync(join(folder, 'fw.bin'), image);
  const { portPath, lines } = bench.nest(1);
  const names = ['gpio0', 'button', 'pass', 'fail', 'busy', 'power'] as const;
  const numbers = names.map((name) => `${name}: ${lines[name]?.bcm ?? 'none'}`);
  const job = ['name: sample', 'chip: esp8266', 'flash: { size: 4MB, mode: keep, frequency: keep }'];
  writeFileSync(join(folder, 'job.yaml'), [...job, 'images:', '  - { file: fw.bin, at: 0x00000 }', ''].join('\n'));
  const station = [
    'station: { id: bench-1 }',
    `ledger: { path: ${join(folder, 'ledger.sqlite')} }`,
    // RST of the bench stands for EN here: both reset the module.
    `nests: [{ id: 1, serial: { path: ${portPath} }, lines: { en: ${lines.rst.bcm}, ${numbers.join(', ')} } }]`,
    `jobs: ${folder}`,
  ];
  writeFileSync(join(folder, 'jigd.yaml'), station.join('\n'));
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
});

function insert(): SimulatedChip {
  const flash = { ...w25q32, content: image };
  const efuses = efusesForMac('18:fe:34:d5:8e:3a');
  const chip = new SimulatedChip({ clock: systemClock, speed: 'fast', flash, efuses });
  bench.nest(1).insert(chip);
  return chip;
}

/** Runs a command on the nest; what the wires did meanwhile, and who had opened them. */
async function run(make: MakeCommand, ...args: readonly string[]) {
  const story: string[] = [];
  const users = new Set<string | null>();
  for (const line of ['power', 'rst'] as const) {
    const wire = bench.nest(1).wire(line);
    wire.onChange((level) => {
      story.push(`${line} ${level}`);
      users.add(wire.openedBy);
    });
  }
  const printed = { out: '', err: '' };
  const output = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    errColumns: null,
  };
  const command = make(output, () => Promise.resolve(bench.lines));
  command.exitOverride().configureOutput({ writeErr: output.err });
  const config = ['--nest', '1', '--config', join(folder, 'jigd.yaml')];
  const ended = command.parseAsync([...config, ...args], { from: 'user' }).then(() => null, String);
  return { problem: await ended, story, users: [...users], ...printed };
}

test.for<{ name: string; make: MakeCommand; args: (file: (name: string) => string) => readonly string[] }>([
  { name: 'identify', make: identifyCommand, args: () => [] },
  { name: 'verify', make: verifyCommand, args: (file) => ['--job', file('job.yaml')] },
  { name: 'read', make: readCommand, args: (file) => [file('out.bin'), '--at', '0', '--size', '4K'] },
  { name: 'erase', make: eraseCommand, args: () => ['--region', '0x10000:0x1000'] },
])('jigd $name --nest feeds the module for its work and resets it once', async ({ make, args }) => {
  const chip = insert();
  const { problem, story, users } = await run(make, ...args((name) => join(folder, name)));
  expect([problem, process.exitCode]).toEqual([null, undefined]);
  expect(story).toEqual(['power high', 'rst low', 'rst high', 'power low']);
  expect([users, chip.state]).toEqual([['nest 1 power', 'nest 1 en'], 'off']);
});

test('jigd flash --nest feeds the module through its boot check', async () => {
  const chip = insert();
  const { problem, story, out } = await run(flashCommand, '--job', join(folder, 'job.yaml'));
  expect([problem, out]).toEqual([null, expect.stringMatching(/^PASS/)]);
  expect(story).toEqual(['power high', 'rst low', 'rst high', 'rst low', 'rst high', 'power low']);
  expect(chip.state).toBe('off');
});

test('a nest without a module is not left fed', async () => {
  const { problem, story } = await run(identifyCommand);
  expect(problem).toContain('C01');
  expect([story.at(0), story.at(-1)]).toEqual(['power high', 'power low']);
});
