import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { OpenLines } from '../../src/cli/module/module-target.ts';
import type { TerminalOutput } from '../../src/cli/terminal/terminal-output.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import type { BenchNest } from '../../src/simulator/bench/bench-nest.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';

export const mac = '18:fe:34:d5:8e:3a';

export interface Printed {
  readonly out: string;
  readonly err: string;
  readonly exitCode: typeof process.exitCode;
}

/** A simulated module at a pseudo-terminal, a folder for files, and commands that run in this process. */
export class CommandBench implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'jigd-command-'));
  readonly #bench: SimulatedBench;
  #err = '';

  static async open(): Promise<CommandBench> {
    return new CommandBench(await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock }));
  }

  private constructor(bench: SimulatedBench) {
    this.#bench = bench;
  }

  get nest(): BenchNest {
    return this.#bench.nest(1);
  }

  insert(options: Partial<ChipOptions> = {}): SimulatedChip {
    const usual = { clock: systemClock, speed: 'fast', flash: w25q32, efuses: efusesForMac(mac) } as const;
    const chip = new SimulatedChip({ ...usual, ...options });
    this.nest.insert(chip);
    return chip;
  }

  /** Options that name the module and its lines. */
  get byLines(): readonly string[] {
    const { portPath, lines } = this.nest;
    return ['--port', portPath, '--reset', 'gpio', '--gpio0', String(lines.gpio0.bcm), '--rst', String(lines.rst.bcm)];
  }

  /** Options that name a module that nobody can reset. */
  get byHand(): readonly string[] {
    return ['--port', this.nest.portPath, '--reset', 'none'];
  }

  /** Options that name the nest of a station file beside a ledger. */
  get byNest(): readonly string[] {
    const { portPath, lines } = this.nest;
    const { gpio0, rst, button, pass, fail, busy } = lines;
    const bcm = Object.entries({ gpio0, rst, button, pass, fail, busy }).map(([name, line]) => `${name}: ${line.bcm}`);
    const text = [
      'station: { id: bench-1 }',
      `ledger: { path: ${this.ledgerPath} }`,
      `nests: [{ id: 1, serial: { path: ${portPath} }, lines: { ${bcm.join(', ')} } }]`,
      `jobs: ${this.folder}`,
    ];
    return ['--nest', '1', '--config', this.write('jigd.yaml', text.join('\n'))];
  }

  get ledgerPath(): string {
    return this.file('ledger.sqlite');
  }

  /** The path of a file in the folder. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** @returns the path */
  write(name: string, content: Uint8Array | string): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(this.file(name)));
  }

  /** Runs a command; what it prints and the exit code that it asks for. */
  async run(
    make: (output: TerminalOutput, openLines: OpenLines) => Command,
    ...args: readonly string[]
  ): Promise<Printed> {
    const printed = { out: '', err: '' };
    const output = {
      out: (text: string) => void (printed.out += text),
      err: (text: string) => {
        printed.err += text;
        this.#err = printed.err;
      },
      errColumns: null,
    };
    const command = make(output, () => Promise.resolve(this.#bench.lines));
    command.exitOverride().configureOutput({ writeErr: output.err });
    await command.parseAsync(args, { from: 'user' });
    return { ...printed, exitCode: process.exitCode };
  }

  /** Waits until the command that runs has begun a phase. */
  async untilPhase(name: string): Promise<void> {
    while (!this.#err.endsWith(`${name}\n`)) await systemClock.sleep(5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true });
    process.exitCode = undefined;
  }
}
