import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { NestConfig, StationConfig } from '../../config/station-config.ts';
import { systemClock } from '../../foundation/system-clock.ts';
import type { DriverWish } from '../../gpio/choose-driver.ts';
import type { LineDriver, LineSpec, OutputLine } from '../../gpio/line.ts';
import { alwaysFed } from '../../nest/supply/module-supply.ts';
import { wireModule } from '../../nest/supply/module-wiring.ts';
import type { ModuleWiring } from '../../nest/supply/module-wiring.ts';
import { PowerTurns } from '../../nest/supply/power-turns.ts';
import { releasedAtExit } from '../terminal/interrupt.ts';

/** The rate while writing where nothing else is said, baud. */
export const usualBaud = 921_600;

/** Options that name a module, as commander delivers them: a nest of the station, or a port. */
export interface TargetOptions {
  readonly nest?: number;
  readonly config: string;
  readonly port?: string;
  readonly reset?: 'none' | 'gpio' | 'dtr-rts';
  readonly gpio0?: number;
  readonly rst?: number;
}

/** Where a module is, its lines claimed. */
export interface Target extends ModuleWiring {
  readonly port: string;
  /** The configured nest; null for a port. */
  readonly place: { readonly config: StationConfig; readonly nest: NestConfig } | null;
}

/** Opens the way to the lines. @param specs the lines that may be asked for; they decide what `auto` takes */
export type OpenLines = (wish: DriverWish, specs: readonly LineSpec[]) => Promise<LineDriver>;

/** Adds `--nest` and `--config`, or `--port`, `--reset`, `--gpio0` and `--rst`. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--nest <id>', 'nest of the configured station')
        .argParser(nestNumber)
        .conflicts(['port', 'reset', 'gpio0', 'rst']),
    )
    .option('--config <file>', 'the station file, for --nest', '/etc/jigd/jigd.yaml')
    .option('--port <path>', 'serial port of the module')
    .addOption(new Option('--reset <how>', 'how the module at the port is reset').choices(['none', 'gpio', 'dtr-rts']))
    .option('--gpio0 <line>', 'line that pulls GPIO0 low, BCM number', bcmNumber)
    .option('--rst <line>', 'line that pulls RST low, BCM number', bcmNumber);
}

/** The id of a nest. */
export function nestNumber(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Expected the id of a nest, 1 to 99.');
  return Number(text);
}

/** A line of the header: `17` or `GPIO17`. */
function bcmNumber(text: string): number {
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
 * Claims the lines of the target for the time of the work and gives them back released, whatever the work does. For a
 * nest it claims the station too, so that a running daemon is not disturbed.
 *
 * @throws CommanderError exit 2 when options are missing, ConfigError for a bad station file, StationError S01 when
 * the station is running, S03 when lines cannot be had
 */
export async function withTarget<T>(
  command: Command,
  options: TargetOptions,
  openLines: OpenLines,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  if (options.nest !== undefined) return atNest(command, options.config, options.nest, openLines, work);
  const { port, reset, gpio0, rst } = options;
  if (port === undefined) return command.error('error: name a module with --nest or with --port', { exitCode: 2 });
  if (reset === undefined) return command.error('error: --port needs --reset', { exitCode: 2 });
  if (reset !== 'gpio') {
    if (gpio0 !== undefined || rst !== undefined) {
      return command.error('error: --gpio0 and --rst belong to --reset gpio', { exitCode: 2 });
    }
    return work({ port, reset: { kind: reset === 'none' ? 'none' : 'modem' }, supply: alwaysFed, place: null });
  }
  if (gpio0 === undefined || rst === undefined) {
    return command.error('error: --reset gpio needs --gpio0 and --rst', { exitCode: 2 });
  }
  const straps = { gpio0: moduleLine(gpio0), rst: moduleLine(rst) };
  await using driver = await openLines('auto', Object.values(straps));
  return await withLines(
    command,
    driver,
    { ...straps, power: null },
    (role) => `the module ${role}`,
    (wired) => work({ port, ...wired, place: null }),
  );
}

async function atNest<T>(
  command: Command,
  file: string,
  id: number,
  openLines: OpenLines,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const { linesOf, loadStationConfig, lockLedger } = await stationParts();
  const config = await loadStationConfig(file);
  const nest = config.nests.find((each) => each.id === id);
  if (nest === undefined) return command.error(`error: ${file} has no nest ${id}`, { exitCode: 2 });
  using _lock = await lockLedger(config.ledger.path);
  const port = nest.serial.path;
  const place = { config, nest };
  if (nest.lines.gpio0 === null && nest.lines.power === null) {
    return await work({ port, reset: { kind: 'modem' }, supply: alwaysFed, place });
  }
  const useOf = (role: keyof ModuleSpecs): string => `nest ${id} ${role === 'rst' ? nest.resetPin : role}`;
  // The driver that the station takes, whatever this command itself needs of it.
  await using driver = await openLines(config.gpio.driver, linesOf(config));
  return await withLines(command, driver, nest.lines, useOf, (wired) => work({ port, ...wired, place }));
}

/** In a function of its own: TypeScript leaves the names of modules as they are where `using` is rewritten. */
async function stationParts() {
  const { loadStationConfig } = await import('../../config/station-config.ts');
  const { linesOf } = await import('../../config/station-lines.ts');
  const { lockLedger } = await import('../../ledger/file/ledger-lock.ts');
  return { linesOf, loadStationConfig, lockLedger };
}

/** The lines that reach a module. */
interface ModuleSpecs {
  /** null together with `rst`: DTR and RTS of the port reset the module. */
  readonly gpio0: LineSpec | null;
  readonly rst: LineSpec | null;
  /** null: the module is always fed. */
  readonly power: LineSpec | null;
}

async function withLines<T>(
  command: Command,
  driver: LineDriver,
  specs: ModuleSpecs,
  use: (role: keyof ModuleSpecs) => string,
  work: (wired: ModuleWiring) => Promise<T>,
): Promise<T> {
  const output = async (role: keyof ModuleSpecs): Promise<OutputLine | null> => {
    const spec = specs[role];
    return spec === null ? null : driver.openOutput(spec, use(role));
  };
  using rst = await output('rst');
  using gpio0 = await output('gpio0');
  using power = await output('power');
  const straps = gpio0 === null || rst === null ? null : { gpio0, rst };
  const parts = {
    clock: systemClock,
    turns: new PowerTurns(systemClock),
    failed: (error: unknown) => command.configureOutput().writeErr?.(`${textOf(error)}\n`),
  };
  return await work(wireModule({ straps, power }, parts));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Towards the module a line is only ever pulled low or let go. */
function moduleLine(bcm: number): LineSpec {
  return { bcm, active: 'low', drive: 'open-drain' };
}

/** The lines of the machine; the native module is loaded when they are asked for. */
export async function openHeaderLines(wish: DriverWish, specs: readonly LineSpec[]): Promise<LineDriver> {
  const { openLineDriver } = await import('../../gpio/choose-driver.ts');
  return releasedAtExit((await openLineDriver(wish, specs)).lines);
}
