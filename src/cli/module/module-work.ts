import type { Command } from 'commander';
import { systemClock } from '../../foundation/system-clock.ts';
import type { WorkHooks } from '../../nest/session/use-loader.ts';
import type { ModuleTarget, SessionParts } from '../../nest/session/use-module.ts';
import { nodeSerialLinks } from '../../serial/node-serial-link.ts';
import { commandLog } from '../terminal/command-log.ts';
import { identityText } from './identity-text.ts';
import { abortable } from '../terminal/interrupt.ts';
import { addTargetOptions, baudRate, withTarget, usualBaud } from './module-target.ts';
import type { OpenLines, Target, TargetOptions } from './module-target.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import type { TerminalOutput } from '../terminal/terminal-output.ts';

/** Options of every command that works on the flash of a module. */
export interface WorkOptions extends TargetOptions {
  readonly baud?: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Where a command prints, and how it gets at the lines. */
export interface WorkPlace {
  readonly output: TerminalOutput;
  readonly openLines: OpenLines;
}

/** What the work gets: everything but the chip, which a job names. */
export interface ModuleWork {
  readonly parts: SessionParts;
  readonly target: Omit<ModuleTarget, 'chip'>;
  readonly hooks: WorkHooks;
  readonly signal: AbortSignal;
  /** null: the module is at a port. */
  readonly place: Target['place'];
}

/** Adds `--baud`, `--json` and what names the module. */
export function addWorkOptions(command: Command): Command {
  command
    .option('--baud <rate>', 'rate of the link; default: that of the nest, else 921600', baudRate)
    .option('--json', 'print one JSON object a line');
  return addTargetOptions(command);
}

/**
 * Does the work on the module that the options name, with its phases shown unless JSON is wanted; Ctrl-C ends it in
 * order. Errors are those of `withTarget` and of the work.
 */
export async function workOnModule<T>(
  command: Command,
  options: WorkOptions,
  { output, openLines }: WorkPlace,
  work: (module: ModuleWork) => Promise<T>,
): Promise<T> {
  const parts = {
    openLink: nodeSerialLinks(systemClock),
    clock: systemClock,
    log: commandLog(options.verbose === true),
  };
  const progress = options.json === true ? null : new ProgressBar(output);
  const hooks: WorkHooks = {
    phase: (name) => progress?.phase(name),
    progress: (share) => progress?.share(share),
    identified: (identity) => progress?.line(identityText(identity)),
  };
  try {
    return await withTarget(command, options, openLines, ({ port, reset, supply, place }) => {
      const baud = options.baud ?? place?.nest.serial.baud ?? usualBaud;
      return abortable((signal) => work({ parts, target: { port, reset, supply, baud }, hooks, signal, place }));
    });
  } finally {
    progress?.clear();
  }
}
