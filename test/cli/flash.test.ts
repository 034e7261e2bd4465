import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { flashCommand } from '../../src/cli/flash.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { lockLedger } from '../../src/ledger/file/ledger-lock.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import { bootableImage } from '../support/bench-job.ts';

const leftOut = 'The boot check of the job was left out: without a reset the module cannot be started.';
const mac = '18:fe:34:d5:8e:3a';
let bench: SimulatedBench;
let folder: string;
let job: string;

beforeEach(async () => {
  bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  folder = mkdtempSync(join(tmpdir(), 'jigd-flash-'));
  writeFileSync(join(folder, 'fw.bin'), bootableImage(20_000));
  job = join(folder, 'job.yaml');
  const lines = ['name: sample', 'chip: esp8266', 'flash: { size: 4MB, mode: keep, frequency: keep }'];
  writeFileSync(job, [...lines, 'images:', '  - { file: fw.bin, at: 0x00000 }', ''].join('\n'));
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

function insert(misbehave: readonly Misbehaviour[] = []): void {
  const options = { clock: systemClock, speed: 'fast', flash: w25q32, efuses: efusesForMac(mac), misbehave } as const;
  bench.nest(1).insert(new SimulatedChip(options));
}

async function run(make: typeof flashCommand, ...args: readonly string[]) {
  return runUnder(new Command(), make, ...args);
}

async function runUnder(program: Command, make: typeof flashCommand, ...args: readonly string[]) {
  const printed = { out: '', err: '' };
  const output = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    errColumns: null,
  };
  const command = make(output, () => Promise.resolve(bench.lines));
  command.exitOverride().configureOutput({ writeErr: output.err });
  await program.addCommand(command).parseAsync(['flash', ...args], { from: 'user' });
  return { ...printed, exitCode: process.exitCode };
}

const atNest = (): string[] => {
  const { portPath, lines } = bench.nest(1);
  return ['--port', portPath, '--reset', 'gpio', '--gpio0', String(lines.gpio0.bcm), '--rst', `GPIO${lines.rst.bcm}`];
};

test('a module is flashed with a line for each phase and one for the result', async () => {
  insert();
  const { out, err, exitCode } = await run(flashCommand, '--job', job, ...atNest());
  expect(out).toMatch(new RegExp(`^PASS {2}${mac} {2}\\d+ bytes in \\d\\.\\d s, at 921600 baud\n$`));
  expect(err.split('\n')).toEqual([
    'connect',
    'identify',
    `ESP8266EX, MAC ${mac}, flash ef4016 with 4096 KB`,
    'loader',
    'write',
    'verify',
    'boot',
    '',
  ]);
  expect(exitCode).toBeUndefined();
});

test('without a reset line the result says that the start was not checked', async () => {
  bench.nest(1).wire('gpio0').pull('low');
  insert();
  const { portPath } = bench.nest(1);
  const { out, err } = await run(flashCommand, '--job', job, '--port', portPath, '--reset', 'none');
  expect(out).toMatch(/^PASS .*, start not checked\n$/);
  expect(err).toMatch(/\nverify\n.*\n$/);
  expect(err.split('\n').at(-2)).toBe(leftOut);
});

test('with --json the boot check that was left out is told beside the record', async () => {
  bench.nest(1).wire('gpio0').pull('low');
  insert();
  const args = ['--port', bench.nest(1).portPath, '--reset', 'none', '--json'];
  const { out, err } = await run(flashCommand, '--job', job, ...args);
  expect(JSON.parse(out)).toMatchObject({ outcome: 'PASS', boot_mode: null });
  expect(err).toBe(`${leftOut}\n`);
});

test('a job without a boot check gives no such notice', async () => {
  bench.nest(1).wire('gpio0').pull('low');
  insert();
  appendFileSync(job, 'boot: off\n');
  const { portPath } = bench.nest(1);
  const { out, err } = await run(flashCommand, '--job', job, '--port', portPath, '--reset', 'none');
  expect(out).toMatch(/^PASS .*, start not checked\n$/);
  expect(err).toMatch(/\nverify\n$/);
});

test('a module that had everything is said to, without a phase of writing', async () => {
  insert();
  appendFileSync(job, 'skip: same\n');
  expect((await run(flashCommand, '--job', job, ...atNest())).err).toContain('write\n');
  const { out, err } = await run(flashCommand, '--job', job, ...atNest());
  expect(out).toMatch(/ {2}nothing written, the module had all 20032 bytes, in \d\.\d s, at 921600 baud\n$/);
  expect(err.split('\n').slice(3)).toEqual(['loader', 'verify', 'boot', '']);
});

test('a module that is left half-programmed is said to be', async () => {
  insert([{ kind: 'writeProtected' }]);
  const { err } = await run(flashCommand, '--job', job, ...atNest());
  expect(err.trimEnd().split('\n').at(-1)).toMatch(/^[FVW]\d\d .*\. The module is half-programmed\. [A-Z]/);
});

test('--json prints the flat record of the run and nothing else', async () => {
  insert();
  const { out, err } = await run(flashCommand, '--job', job, '--json', '--baud', '460800', ...atNest());
  expect(err).toBe('');
  expect(out.trimEnd()).not.toContain('\n');
  expect(JSON.parse(out) as RunResult).toMatchObject({
    schema: 'jigd.result/1',
    seq: null,
    epoch: null,
    mode: 'engineering',
    outcome: 'PASS',
    pass: 1,
    mac,
    unit: mac,
    baud: 460_800,
    job: 'sample',
    boot_mode: '3,7',
  });
});

test('a failed module gives one sentence with code and next action, and exit code 1', async () => {
  insert([{ kind: 'stuckGpio0', level: 'high' }]);
  const { out, err, exitCode } = await run(flashCommand, '--job', job, ...atNest());
  expect(out).toBe('');
  expect(err.trimEnd().split('\n').at(-1)).toBe(
    'C02 NOT_IN_FLASH_MODE: The module started its firmware, boot mode (3,7): GPIO0 was not low. ' +
      'Measure GPIO0 at the release of RST; it must be near 0 V.',
  );
  expect(exitCode).toBe(1);
});

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops the run as O01, and the lines are let go',
  async (signal) => {
    insert();
    const flashing = run(flashCommand, '--job', job, '--json', ...atNest());
    while (bench.nest(1).wire('rst').level === 'high') await systemClock.sleep(1);
    process.emit(signal);
    const { out, exitCode } = await flashing;
    expect(JSON.parse(out) as RunResult).toMatchObject({ outcome: 'ABORTED', code: 'O01' });
    expect(exitCode).toBe(1);
    expect([bench.nest(1).wire('rst').level, bench.nest(1).wire('gpio0').level]).toEqual(['high', 'high']);
    expect(process.listenerCount(signal)).toBe(0);
  },
);

test.for([
  { name: 'missing lines', args: ['--port', '/dev/null', '--reset', 'gpio'], exitCode: 2, says: /--gpio0 and --rst/ },
  { name: 'an unknown reset', args: ['--port', '/dev/null', '--reset', 'magic'], exitCode: 1, says: /none, gpio/ },
  { name: 'an impossible rate', args: ['--port', 'x', '--reset', 'none', '--baud', '12'], exitCode: 1, says: /9600/ },
])('$name is refused as wrong usage', async ({ args, exitCode, says }) => {
  await expect(run(flashCommand, '--job', job, ...args)).rejects.toMatchObject({ exitCode, message: says });
});

/** A station file beside a ledger, with the nest of the bench. */
function stationFile(): { readonly config: string; readonly ledger: string } {
  const { portPath, lines } = bench.nest(1);
  const { gpio0, rst, button, pass, fail, busy } = lines;
  const bcm = Object.entries({ gpio0, rst, button, pass, fail, busy }).map(([name, line]) => `${name}: ${line.bcm}`);
  const config = join(folder, 'jigd.yaml');
  const ledger = join(folder, 'ledger.sqlite');
  writeFileSync(
    config,
    [
      'station: { id: bench-1, line: smt2 }',
      `ledger: { path: ${ledger} }`,
      `nests: [{ id: 1, serial: { path: ${portPath} }, lines: { ${bcm.join(', ')} } }]`,
      `jobs: ${folder}`,
    ].join('\n'),
  );
  return { config, ledger };
}

test('a damaged ledger that was moved aside is told, and the run is recorded in a new one', async () => {
  insert();
  const { config, ledger } = stationFile();
  writeFileSync(ledger, 'no database at all, but long enough to look like one'.repeat(100));
  const { err, exitCode } = await run(flashCommand, '--job', job, '--nest', '1', '--config', config, '--json');
  expect(err).toMatch(
    /^The ledger was damaged .*, moved to \S+\.damaged-\w+\. A new one was started with what could be read: 0 of 0 /,
  );
  expect(exitCode).toBeUndefined();
  // The station finds it sound, and tells it all the same.
  const found = await Ledger.open(ledger, { clock: systemClock });
  expect(found.standing.of('alarm', 'ledger')).toMatchObject([
    { detail: expect.stringContaining('was damaged') as string },
  ]);
  found.close();
});

test('a module in a nest of the station is flashed and recorded as engineering', async () => {
  insert();
  const { config, ledger } = stationFile();
  const { out, exitCode } = await run(flashCommand, '--job', job, '--nest', '1', '--config', config, '--json');
  expect(exitCode).toBeUndefined();
  const printed = JSON.parse(out) as RunResult;
  expect(printed).toMatchObject({
    outcome: 'PASS',
    mode: 'engineering',
    seq: 1,
    nest: 1,
    station: 'bench-1',
    attempt: null,
  });
  const reader = await LedgerReader.open(ledger);
  expect(reader.runs()).toEqual([printed]);
  reader.close();
  using _daemon = await lockLedger(ledger);
  await expect(run(flashCommand, '--job', job, '--nest', '1', '--config', config)).rejects.toMatchObject({
    code: 'S01',
  });
});

test.for([
  { name: 'neither nest nor port', args: [], text: '--nest or with --port' },
  { name: 'a port without a reset', args: ['--port', '/dev/null'], text: 'needs --reset' },
  { name: 'a nest and a port', args: ['--nest', '1', '--port', '/dev/null'], text: 'cannot be used with' },
  { name: 'a nest and a reset', args: ['--nest', '1', '--reset', 'none'], text: 'cannot be used with' },
])('$name is wrong usage', async ({ args, text }) => {
  const printed: string[] = [];
  const output = { out: () => undefined, err: (line: string) => void printed.push(line), errColumns: null };
  const command = flashCommand(output, () => Promise.resolve(bench.lines));
  command.exitOverride().configureOutput({ writeErr: output.err });
  await expect(command.parseAsync(['--job', job, ...args], { from: 'user' })).rejects.toThrow();
  expect(printed.join('')).toContain(text);
});

test.for([
  { name: 'is printed for who wants everything', options: ['--verbose'], printed: true },
  { name: 'is left out otherwise', options: [], printed: false },
])('the evidence of a run that failed $name', async ({ options, printed }) => {
  insert([{ kind: 'deafRx' }]);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const program = new Command().option('--verbose');
  const { err } = await runUnder(program, flashCommand, ...options, '--job', job, ...atNest());
  expect(err).toContain('C03 ');
  expect(/Last frames.*> SYNC/s.test(err)).toBe(printed);
});
