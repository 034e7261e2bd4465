import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { ModuleReset } from '../bootloader/reset-sequences.ts';
import type { LineDriver, LineSpec } from '../gpio/line.ts';

/** Options that name a module at a port, as commander delivers them. */
export interface TargetOptions {
  readonly port: string;
  readonly reset: 'none' | 'gpio';
  readonly gpio0?: number;
  readonly rst?: number;
}

/** Opens the way to the lines. */
export type OpenLines = () => Promise<LineDriver>;

/** Adds `--port`, `--reset`, `--gpio0` and `--rst`. */
export function addTargetOptions(command: Command): Command {
  const resets = new Option('--reset <how>', 'how the module is reset').choices(['none', 'gpio']);
  return command
    .requiredOption('--port <path>', 'serial port of the module')
    .addOption(resets.makeOptionMandatory())
    .option('--gpio0 <line>', 'line that pulls GPIO0 low, BCM number', bcmNumber)
    .option('--rst <line>', 'line that pulls RST low, BCM number', bcmNumber);
}

/** A line of the header: `17` or `GPIO17`. */
export function bcmNumber(text: string): number {
  const digits = /^(?:GPIO)?(\d{1,2})$/i.exec(text)?.[1];
  if (digits === undefined) throw new InvalidArgumentError('Expected a BCM number such as 17 or GPIO17.');
  return Number(digits);
}

/** A rate of the link in baud. */
export function baudRate(text: string): number {
  const baud = Number(text);
  if (!Number.isInteger(baud) || baud < 9_600 || baud > 4_000_000) {
    throw new InvalidArgumentError('Expected a rate from 9600 to 4000000 baud.');
  }
  return baud;
}

/**
 * Claims the lines for the time of the work and gives them back released, whatever the work does.
 *
 * @throws CommanderError exit 2 when lines are missing from the options, StationError S03 when they cannot be had
 */
export async function withReset<T>(
  command: Command,
  options: TargetOptions,
  openLines: OpenLines,
  work: (reset: ModuleReset) => Promise<T>,
): Promise<T> {
  if (options.reset === 'none') return work({ kind: 'none' });
  const { gpio0, rst } = options;
  if (gpio0 === undefined || rst === undefined) {
    return command.error('error: --reset gpio needs --gpio0 and --rst', { exitCode: 2 });
  }
  await using driver = await openLines();
  using rstLine = await driver.openOutput(moduleLine(rst), 'rst');
  using gpio0Line = await driver.openOutput(moduleLine(gpio0), 'gpio0');
  return await work({ kind: 'lines', rst: rstLine, gpio0: gpio0Line });
}

/** Towards the module a line is only ever pulled low or let go. */
function moduleLine(bcm: number): LineSpec {
  return { bcm, active: 'low', drive: 'open-drain' };
}

/** The lines of the machine; the native module is loaded when they are asked for. */
export async function openHeaderLines(): Promise<LineDriver> {
  const { openOnoffDriver } = await import('../gpio/onoff-driver.ts');
  return openOnoffDriver();
}
