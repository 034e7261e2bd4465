import { Command } from 'commander';
import { esp8266 } from '../chips/esp8266.ts';
import { systemClock } from '../foundation/system-clock.ts';
import { identifyModule } from '../nest/session/identify-module.ts';
import { nodeSerialLinks } from '../serial/node-serial-link.ts';
import { commandLog } from './terminal/command-log.ts';
import { crystalWarning, identityList, identityRecord } from './module/identity-text.ts';
import { abortable } from './terminal/interrupt.ts';
import { addTargetOptions, openHeaderLines, withTarget } from './module/module-target.ts';
import type { OpenLines, TargetOptions } from './module/module-target.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

interface IdentifyOptions extends TargetOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `jigd identify`: who the module is; nothing is written. Rejects with a StationError when it does not tell. */
export function identifyCommand(
  output: TerminalOutput = processOutput,
  openLines: OpenLines = openHeaderLines,
): Command {
  const command = new Command('identify')
    .description('read chip, MAC, crystal and flash of one module')
    .option('--json', 'print one JSON object');
  return addTargetOptions(command).action(async () => {
    const options = command.optsWithGlobals<IdentifyOptions>();
    const log = commandLog(options.verbose === true);
    const parts = { openLink: nodeSerialLinks(systemClock), clock: systemClock, log };
    const module = await withTarget(command, options, openLines, ({ port, reset, supply }) =>
      abortable((signal) => identifyModule(parts, { port, reset, supply, chip: esp8266 }, signal)),
    );
    const warning = crystalWarning(module);
    if (warning !== null) output.err(`${warning}\n`);
    output.out(options.json === true ? `${JSON.stringify(identityRecord(module))}\n` : identityList(module));
  });
}
