import { Command, Option } from 'commander';
import type { LineRole } from '../config/line-schema.ts';
import type { StationLine } from '../config/station-lines.ts';
import type { Clock } from '../foundation/clock.ts';
import { asStationError } from '../foundation/faults.ts';
import { systemClock } from '../foundation/system-clock.ts';
import { abortable } from './terminal/interrupt.ts';
import { untilQuit } from './terminal/keyboard.ts';
import { LinesScreen } from './lines/lines-screen.ts';
import { linesJson, linesTable } from './lines/lines-table.ts';
import type { KeyedLine } from './lines/lines-table.ts';
import { nestNumber, openHeaderLines } from './module/module-target.ts';
import type { OpenLines } from './module/module-target.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';
import { TestedLine } from './lines/tested-line.ts';

interface LinesOptions {
  readonly config: string;
  readonly nest?: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

export interface Keyboard {
  /** Whether a person can type. */
  readonly isTerminal: boolean;
  /** Calls back with each key until one quits or the signal. */
  readonly untilQuit: (onKey: (key: string) => void, signal: AbortSignal) => Promise<void>;
}

const processKeyboard: Keyboard = {
  get isTerminal() {
    return process.stdin.isTTY;
  },
  untilQuit,
};

/**
 * `jigd lines`: every line with its level, lamps, straps and supplies switched by keys, presses counted. Without a terminal, or
 * with `--once`, the table once. Whatever ends it leaves lamps dark, straps released and modules without supply. Its action rejects with
 * ConfigError for a bad station file, StationError S01 while the station is running, S03 without a way to the lines.
 */
export function linesCommand(
  output: TerminalOutput = processOutput,
  openLines: OpenLines = openHeaderLines,
  keyboard: Keyboard = processKeyboard,
  clock: Clock = systemClock,
): Command {
  const command = new Command('lines')
    .description('show and switch the lines by hand while the station does not run')
    .option('--config <file>', 'the station file', '/etc/jigd/jigd.yaml')
    .addOption(new Option('--nest <id>', 'only the lines of this nest').argParser(nestNumber))
    .option('--once', 'print the levels and end')
    .option('--json', 'print the levels as one JSON object a line and end');
  return command.action(async (options: LinesOptions) => {
    const { linesOf, loadStationConfig, lockIfPossible, stationLines } = await parts();
    const config = await loadStationConfig(options.config);
    const places = stationLines(config).filter(({ nest }) => options.nest === undefined || nest === options.nest);
    if (places.length === 0) command.error(`error: ${options.config} has no nest ${options.nest}`, { exitCode: 2 });
    // Before the first start of the station there is nothing to lock, nor a folder that this user could make.
    const { lock, problem } = await lockIfPossible(config.ledger.path);
    using _lock = lock;
    if (problem !== null) throw asStationError(problem);
    await using driver = await openLines(config.gpio.driver, linesOf(config));
    const tested = await Promise.all(places.map((place) => TestedLine.open(place, driver, clock)));
    const lines = withKeys(tested);
    try {
      if (options.json === true) output.out(linesJson(lines, driver.description));
      else if (options.once === true || !keyboard.isTerminal || output.errColumns === null) {
        output.out(linesTable(lines, driver.description));
      } else {
        await abortable((signal) => byHand(lines, driver.description, { output, keyboard, clock }, signal));
      }
      if (tested.some((line) => line.view().problem !== null)) process.exitCode = 1;
    } finally {
      await strapsFirst(tested, (line) => line[Symbol.asyncDispose]());
    }
  });
}

/** Does something to all lines, to supplies last: nothing is to be driven into a module that has lost its own. */
async function strapsFirst(lines: readonly TestedLine[], work: (line: TestedLine) => PromiseLike<void>): Promise<void> {
  for (const feeds of [false, true]) await Promise.all(lines.filter(({ place }) => place.feeds === feeds).map(work));
}

/** In a function of its own: TypeScript leaves the names of modules as they are where `using` is rewritten. */
async function parts() {
  const { loadStationConfig } = await import('../config/station-config.ts');
  const { linesOf, stationLines } = await import('../config/station-lines.ts');
  const { lockIfPossible } = await import('../ledger/file/ledger-lock.ts');
  return { linesOf, loadStationConfig, lockIfPossible, stationLines };
}

interface Desk {
  readonly output: TerminalOutput;
  readonly keyboard: Keyboard;
  readonly clock: Clock;
}

async function byHand(
  lines: readonly KeyedLine[],
  driver: string,
  { output, keyboard, clock }: Desk,
  signal: AbortSignal,
): Promise<void> {
  using screen = new LinesScreen(output, clock, () => linesTable(lines, driver));
  const redraw = (): void => screen.draw();
  const press = (key: string): void => {
    const wanted = lines.find((each) => each.key === key);
    if (wanted !== undefined) void wanted.line.toggle().then(redraw);
    if (key === '0')
      void strapsFirst(
        lines.map(({ line }) => line),
        (line) => line.switch(false),
      ).then(redraw);
  };
  await keyboard.untilQuit(press, signal);
}

/** The lines that go to the module. */
const moduleRoles: readonly LineRole[] = ['gpio0', 'rst', 'en', 'power'];

/**
 * Small letters for lamps, capital ones for straps and supplies: nobody resets or feeds a module by a slip. Not `q`,
 * which quits.
 */
function withKeys(lines: readonly TestedLine[]): readonly KeyedLine[] {
  const letters = Array.from('abcdefghijklmnoprstuvwxyz');
  const lampKeys = [...letters];
  const moduleKeys = letters.map((letter) => letter.toUpperCase());
  const isModules = ({ role }: StationLine): boolean => moduleRoles.includes(role);
  return lines.map((line) => {
    if (line.place.direction === 'in') return { line, key: null };
    return { line, key: (isModules(line.place) ? moduleKeys : lampKeys).shift() ?? null };
  });
}
