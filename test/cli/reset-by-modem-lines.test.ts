import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flashCommand } from '../../src/cli/flash.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { nodeSerialLinks } from '../../src/serial/node-serial-link.ts';
import type { PortDriver } from '../../src/serial/port-driver.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { AutoResetBoard } from '../support/auto-reset-board.ts';
import type { BoardOptions, ModemLines } from '../support/auto-reset-board.ts';
import { bootableImage } from '../support/bench-job.ts';

const mac = '18:fe:34:d5:8e:3a';
let bench: SimulatedBench;
let folder: string;
let job: string;
let board: AutoResetBoard | null = null;

beforeEach(async () => {
  bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  folder = mkdtempSync(join(tmpdir(), 'jigd-modem-'));
  writeFileSync(join(folder, 'fw.bin'), bootableImage(20_000));
  job = join(folder, 'job.yaml');
  const lines = ['name: sample', 'chip: esp8266', 'flash: { size: 4MB, mode: keep, frequency: keep }'];
  writeFileSync(job, [...lines, 'images:', '  - { file: fw.bin, at: 0x00000 }', ''].join('\n'));
  const options = { clock: systemClock, speed: 'fast', flash: w25q32, efuses: efusesForMac(mac) } as const;
  bench.nest(1).insert(new SimulatedChip(options));
});

afterEach(async () => {
  board?.[Symbol.dispose]();
  await bench[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
});

/** The real driver, except that a board of this kind hangs at the modem lines, which no pseudo-terminal has. */
async function boardAtThePort(options: BoardOptions) {
  const { lines } = bench.nest(1);
  const rst = await bench.lines.openOutput(lines.rst, 'the circuit');
  const gpio0 = await bench.lines.openOutput(lines.gpio0, 'the circuit');
  const made = new AutoResetBoard(systemClock, options);
  board = made;
  made.onReset = () => rst.set(true);
  made.onStart = (level) => {
    gpio0.set(level === 'low');
    rst.set(false);
  };
  const settings: ModemLines[] = [];
  const set = async (wanted: ModemLines): Promise<void> => {
    settings.push(wanted);
    made.set({ dtr: wanted.dtr, rts: wanted.rts });
    return Promise.resolve();
  };
  const { binding } = SerialPort;
  const driver = {
    open: async (wanted: { path: string; baudRate: number }) => Object.assign(await binding.open(wanted), { set }),
  };
  const openLink = nodeSerialLinks(systemClock, () => Promise.resolve(driver as unknown as PortDriver));
  return { board: made, settings, openLink };
}

function flash(openLink: ReturnType<typeof nodeSerialLinks>, ...args: readonly string[]) {
  const printed = { out: '', err: '' };
  const output = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    errColumns: null,
  };
  const noHeader = (): Promise<never> => Promise.reject(new Error('No line of the header is needed.'));
  const command = flashCommand(output, noHeader, openLink);
  command.exitOverride().configureOutput({ writeErr: output.err });
  return command.parseAsync(['--job', job, '--json', ...args], { from: 'user' }).then(() => printed);
}

const atPort = (): string[] => ['--port', bench.nest(1).portPath, '--reset', 'dtr-rts'];

test.for<{ name: string; board: BoardOptions; starts: readonly string[] }>([
  { name: 'two transistors', board: { circuit: 'transistors' }, starts: ['low', 'high'] },
  { name: 'two transistors and 1 µF', board: { circuit: 'transistors', riseMs: 14 }, starts: ['low', 'high'] },
  { name: 'direct wires', board: { circuit: 'direct' }, starts: ['low', 'high'] },
  {
    name: 'direct wires and an adapter that moves RTS first',
    board: { circuit: 'direct', adapter: 'RTS first' },
    starts: ['high', 'high', 'low', 'high'],
  },
])('a module behind $name is flashed and started', async ({ board: options, starts }) => {
  const { board: wired, settings, openLink } = await boardAtThePort(options);
  const { out } = await flash(openLink, ...atPort());
  expect(JSON.parse(out) as RunResult).toMatchObject({ outcome: 'PASS', boot_mode: '3,7', mac });
  expect(wired.starts).toEqual(starts);
  expect(wired.lines).toEqual({ dtr: false, rts: false });
  for (const each of settings) {
    expect(each).toEqual({
      dtr: expect.any(Boolean) as boolean,
      rts: expect.any(Boolean) as boolean,
      brk: false,
      cts: false,
      dsr: false,
      lowLatency: true,
    });
  }
});

test('a nest of the station with reset: dtr-rts claims no line and is recorded', async () => {
  const { openLink } = await boardAtThePort({ circuit: 'transistors' });
  const config = join(folder, 'jigd.yaml');
  const { portPath } = bench.nest(1);
  const text = [
    'station: { id: bench-1 }',
    `ledger: { path: ${join(folder, 'ledger.sqlite')} }`,
    `nests: [{ id: 1, serial: { path: ${portPath} }, lines: { button: 4, pass: 17, fail: 27, busy: 22 }, reset: dtr-rts }]`,
    `jobs: ${folder}`,
  ];
  writeFileSync(config, text.join('\n'));
  const { out } = await flash(openLink, '--nest', '1', '--config', config);
  expect(JSON.parse(out) as RunResult).toMatchObject({ outcome: 'PASS', nest: 1, seq: 1, boot_mode: '3,7' });
});

test('a port without modem lines fails at once and says what to do', async () => {
  const { out, err } = await flash(nodeSerialLinks(systemClock), ...atPort());
  const advice = 'take an adapter that has them, or reset the module by lines of the header.';
  expect(JSON.parse(out) as RunResult).toMatchObject({ outcome: 'ERROR', code: 'S04' });
  expect((JSON.parse(out) as RunResult).ms_total).toBeLessThan(1_000);
  expect(err).toContain(`Port ${bench.nest(1).portPath} has no DTR and RTS: ${advice}`);
});

test.for(['none', 'dtr-rts'])('lines of the header are wrong usage with --reset %s', async (reset) => {
  const args = ['--port', '/dev/null', '--reset', reset, '--gpio0', '5'];
  await expect(flash(nodeSerialLinks(systemClock), ...args)).rejects.toMatchObject({
    exitCode: 2,
    message: /belong to --reset gpio/,
  });
});
