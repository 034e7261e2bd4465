import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Command, InvalidArgumentError, Option } from 'commander';
import { esp8266 } from '../chips/esp8266.ts';
import { StationError } from '../foundation/faults.ts';
import { systemClock } from '../foundation/system-clock.ts';
import { SimulatedChip } from '../simulator/chip/chip.ts';
import { efusesForMac } from '../simulator/chip/efuses.ts';
import { w25q32Timing } from '../simulator/flash/flash-timing.ts';
import { WiredChip } from '../simulator/bench/wired-chip.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

interface SimulateOptions {
  readonly link: string;
  readonly flash: number;
  readonly mac: string;
  readonly strap: 'download' | 'run';
  readonly speed: 'real' | 'fast';
  readonly flashFile?: string;
  readonly json?: boolean;
}

/** `jigd simulate`: one simulated module on a port, for other programs. Ends on `quit`, Ctrl-C or SIGTERM. */
export function simulateCommand(output: TerminalOutput = processOutput, input: Readable = process.stdin): Command {
  const command = new Command('simulate')
    .description('one simulated module on a pseudo-terminal, for other programs')
    .requiredOption('--link <path>', 'symbolic link to make to the port')
    .addOption(
      new Option('--flash <size>', 'size of the flash, 256KB to 16MB')
        .argParser(flashSize)
        .default(4 * 1024 * 1024, '4MB'),
    )
    .option('--mac <address>', 'MAC address in the efuses', macAddress, '5c:cf:7f:00:00:01')
    .addOption(
      new Option('--strap <how>', 'GPIO0 low or released, until a line says otherwise')
        .choices(['download', 'run'])
        .default('download'),
    )
    .addOption(new Option('--speed <how>', 'times of line and flash').choices(['real', 'fast']).default('real'))
    .option('--flash-file <file>', 'content of the flash: read at the start, saved at the end')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', `\nLines on standard input: ${[...pinCommands.keys(), 'quit'].join(', ')}.`);
  return command.action(async () => {
    const options = command.optsWithGlobals<SimulateOptions>();
    const chip = new SimulatedChip({
      clock: systemClock,
      speed: options.speed,
      flash: { id: flashId(options.flash), bytes: options.flash, timing: w25q32Timing, ...contentOf(command, options) },
      efuses: efusesForMac(options.mac),
    });
    using wired = await WiredChip.open<SimulatedChip>({ clock: systemClock, ...options });
    wired.setGpio0(options.strap === 'download');
    wired.insert(chip);
    // First, so that whoever reads the line below may end the program at once.
    const told = untilTold(wired, output, input);
    const ready = { link: options.link, port: wired.portPath, mac: options.mac, flash_bytes: options.flash };
    output.out(options.json === true ? `${JSON.stringify(ready)}\n` : `${options.link} -> ${String(ready.port)}\n`);
    await told;
    wired.remove();
    if (options.flashFile !== undefined) saveFlash(options.flashFile, chip);
  });
}

type Pins = Pick<WiredChip<SimulatedChip>, 'setReset' | 'setGpio0' | 'chip'>;

const pinCommands: ReadonlyMap<string, (pins: Pins) => void> = new Map([
  ['rst low', (pins: Pins) => pins.setReset(true)],
  ['rst release', (pins: Pins) => pins.setReset(false)],
  ['gpio0 low', (pins: Pins) => pins.setGpio0(true)],
  ['gpio0 release', (pins: Pins) => pins.setGpio0(false)],
  ['power off', (pins: Pins) => pins.chip?.setPower(false)],
  ['power on', (pins: Pins) => pins.chip?.setPower(true)],
]);

/** Obeys lines until `quit` or a signal. The end of the input alone ends nothing: a service has none. */
async function untilTold(pins: Pins, output: TerminalOutput, input: Readable): Promise<void> {
  const lines = createInterface({ input, terminal: false });
  let stop = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    stop = resolve;
  });
  lines.on('line', (line) => {
    const words = line.trim().toLowerCase().split(/\s+/).join(' ');
    const act = pinCommands.get(words);
    if (words === 'quit') stop();
    else if (act !== undefined) act(pins);
    else if (words !== '')
      output.err(`"${line}" is no pin command; known: ${[...pinCommands.keys()].join(', ')}, quit.\n`);
  });
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    await told;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    lines.close();
    // An input that is still being read would keep the process alive.
    input.destroy();
  }
}

function contentOf(command: Command, { flashFile, flash }: SimulateOptions): { readonly content?: Uint8Array } {
  if (flashFile === undefined || !existsSync(flashFile)) return {};
  const content = readFileSync(flashFile);
  if (content.length <= flash) return { content };
  return command.error(`error: ${flashFile} has ${content.length} bytes, the flash ${flash}`, { exitCode: 2 });
}

function saveFlash(file: string, chip: SimulatedChip): void {
  const unfinished = `${file}.new`;
  try {
    writeFileSync(unfinished, chip.flash.read(0, chip.flash.bytes));
    renameSync(unfinished, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StationError('S99', `The content of the flash could not be saved: ${reason}`, { cause: error });
  }
}

function flashSize(text: string): number {
  const size = esp8266.header.sizes[text.toUpperCase()];
  if (size === undefined) throw new InvalidArgumentError('Expected a size such as 512KB, 1MB or 4MB.');
  return size.bytes;
}

/** A Winbond part of this size: maker ef, type 40, capacity as a power of two; protocol reference §4.7. */
function flashId(bytes: number): number {
  return (Math.log2(bytes) << 16) | 0x40ef;
}

function macAddress(text: string): string {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text))
    throw new InvalidArgumentError('Expected six bytes, as 5c:cf:7f:00:00:01.');
  return text.toLowerCase();
}
