import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../foundation/system-clock.ts';
import { silentLogger } from '../foundation/logger.ts';
import { abortable } from './terminal/interrupt.ts';
import { runDemo } from './demo/demo-station.ts';
import type { DemoOptions } from './demo/demo-station.ts';
import { stationLog } from './station/station-log.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

/**
 * `jigd demo`: the whole station on a simulated bench. With `--runs` it presses by itself and sets exit code 1 when a
 * verdict differs from the truth; without, it waits for keys.
 */
export function demoCommand(output: TerminalOutput = processOutput): Command {
  const command = new Command('demo')
    .description('the whole station on a simulated bench')
    .option('--nests <n>', 'how many nests', numberFrom(1, 99), 4)
    .option('--runs <n>', 'press by itself until this many runs are done, then end', numberFrom(1, 1_000_000))
    .option('--seed <n>', 'the same seed gives the same modules', numberFrom(0, 2 ** 32 - 1), 1)
    .addOption(new Option('--speed <how>', 'times of line and flash').choices(['real', 'fast']).default('real'))
    .option('--faults <share>', 'share of modules with a fault, 0 to 1', share, 0)
    .option('--headless', 'plain lines, no moving display')
    .addOption(
      new Option('--mqtt-port <port>', 'port of the embedded broker; 0: any free one')
        .argParser(numberFrom(0, 65_535))
        .default(0)
        .conflicts('mqtt'),
    )
    .option('--mqtt <url>', 'publish to this broker instead of the embedded one', brokerUrl)
    .option(
      '--socket <path>',
      'take commands such as `jigd unlock` at this socket; the demo then unlocks nothing itself',
    )
    .option('--data <dir>', 'keep the ledger in this directory')
    .option('--job <file>', 'flash this job instead of the one that the demo makes');
  return command.action(async () => {
    const options = command.optsWithGlobals<DemoOptions>();
    const log = options.verbose === true ? await stationLog('debug') : silentLogger();
    const kept = options.data === undefined ? null : resolve(options.data);
    const folder = kept ?? (await mkdtemp(join(tmpdir(), 'jigd-demo-')));
    try {
      const right = await abortable((signal) =>
        runDemo({ options, ledgerPath: join(folder, 'ledger.sqlite'), output, clock: systemClock, log }, signal),
      );
      if (!right) process.exitCode = 1;
    } finally {
      if (kept === null) await rm(folder, { recursive: true, force: true });
    }
  });
}

function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** What the station file takes as `mqtt.url`; mqtt.js itself would fail late, or never say so. */
function brokerUrl(text: string): string {
  if (!/^mqtts?:\/\/[^\s/]+\/?$/.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('Expected mqtt://host:port or mqtts://host:port.');
  }
  return text;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('Expected a share, 0 to 1.');
  return value;
}
