import { Command, CommanderError } from 'commander';
import { errorRecord, errorText } from '../foundation/error-record.ts';
import { softwareVersion } from './station/software-version.ts';
import type { StationCommandName } from './station-commands.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

/** Exit codes (design §5). */
const workFailed = 1;
const wrongUsage = 2;
const badConfiguration = 78;

type LoadCommand = (output: TerminalOutput) => Promise<Command>;

/** Name of each command -> the module that makes it, loaded only when it is the one asked for. */
const commands: Readonly<Record<string, LoadCommand>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  simulate: async () => (await import('./simulate.ts')).simulateCommand(),
  flash: async () => (await import('./flash.ts')).flashCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  erase: async () => (await import('./erase.ts')).eraseCommand(),
  read: async () => (await import('./read.ts')).readCommand(),
  identify: async () => (await import('./identify.ts')).identifyCommand(),
  image: async () => (await import('./image.ts')).imageCommand(),
  job: async () => (await import('./job.ts')).jobCommand(),
  report: async () => (await import('./report.ts')).reportCommand(),
  runs: async () => (await import('./runs.ts')).runsCommand(),
  trace: async () => (await import('./trace.ts')).traceCommand(),
  export: async () => (await import('./export.ts')).exportCommand(),
  ledger: async () => (await import('./ledger.ts')).ledgerCommand(),
  status: async (output) => (await import('./status.ts')).statusCommand(output),
  lock: station('lock'),
  unlock: station('unlock'),
  release: station('release'),
  'accept-part': station('accept-part'),
  approve: station('approve'),
  'select-job': station('select-job'),
  sample: station('sample'),
  acknowledge: station('acknowledge'),
  lines: async () => (await import('./lines.ts')).linesCommand(),
  'release-lines': async () => (await import('./release-lines.ts')).releaseLinesCommand(),
};

/** A command that a running station carries out. */
function station(name: StationCommandName): LoadCommand {
  return async (output) => (await import('./station-commands.ts')).stationCommand(name, output);
}

/**
 * Runs the command of an argument vector as Node gives it. Errors become one plain sentence on standard error.
 * @returns the exit code: 0 done, 1 the work failed, 2 wrong usage, 78 bad configuration
 */
export async function runCommandLine(argv: readonly string[], output: TerminalOutput = processOutput): Promise<number> {
  const program = new Command('jigd')
    .description('production flashing station for ESP8266 modules')
    .version(softwareVersion())
    .option('--verbose', 'log what happens, and show stack traces')
    .showHelpAfterError('Add --help to see what is expected.')
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: (text) => output.err(text) })
    .exitOverride();
  const wanted = argv.slice(2).find((argument) => Object.hasOwn(commands, argument));
  for (const [name, load] of Object.entries(commands)) {
    // The help lists every command, so it needs them all; a run needs one.
    if (wanted === undefined || wanted === name) program.addCommand(inherit(await load(output), program));
  }
  try {
    await program.parseAsync(argv);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    const { verbose = false } = program.opts<{ verbose?: boolean }>();
    return tell(error, { verbose, json: argv.includes('--json') }, output);
  }
}

/** Settings that commander gives only to commands made by `program.command()`. */
function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  for (const each of command.commands) inherit(each, command);
  return command;
}

/** One plain sentence for people, and with `--json` one object for programs besides. */
function tell(
  error: unknown,
  { verbose, json }: { readonly verbose: boolean; readonly json: boolean },
  output: TerminalOutput,
): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
  if (verbose && error instanceof Error) output.err(`${error.stack ?? ''}\n`);
  const record = errorRecord(error);
  if (json) output.out(`${JSON.stringify(record)}\n`);
  output.err(`${errorText(record)}\n`);
  if (record.name === 'CONFIG_INVALID') return badConfiguration;
  // The station could not make sense of what was typed.
  return record.name === 'BAD_REQUEST' ? wrongUsage : workFailed;
}
