import { Command } from 'commander';
import { releaseLines } from '../gpio/release-lines.ts';
import { openHeaderLines } from './module/module-target.ts';
import type { OpenLines } from './module/module-target.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

/**
 * `jigd release-lines`: what a killed daemon leaves driven is released, its lamps go dark. systemd calls it after every
 * end of the daemon. A line that cannot be had is told and does not keep the others from it; the exit code is then 1.
 * Its action rejects with ConfigError for a bad station file, StationError S01 when a station is running, S03 when
 * there is no way to the lines.
 */
export function releaseLinesCommand(
  output: TerminalOutput = processOutput,
  openLines: OpenLines = openHeaderLines,
): Command {
  return new Command('release-lines')
    .description(
      'release RST or EN and GPIO0 of every nest, put its lamps and its supply out, after the station has gone',
    )
    .option('--config <file>', 'the station file', '/etc/jigd/jigd.yaml')
    .action(async ({ config: file }: { readonly config: string }) => {
      const { linesOf, loadStationConfig, lockIfPossible, stationLines } = await parts();
      const config = await loadStationConfig(file);
      const { lock, problem } = await lockIfPossible(config.ledger.path);
      using _lock = lock;
      // Storage that fails is no reason to leave a module in reset.
      if (problem !== null) output.err(`${textOf(problem)} The lines are released all the same.\n`);
      await using driver = await openLines(config.gpio.driver, linesOf(config));
      const lines = stationLines(config);
      const problems = await releaseLines(lines, driver);
      for (const each of problems) output.err(`${textOf(each)}\n`);
      if (problems.length > 0) process.exitCode = 1;
      output.out(`${lines.length - problems.length} of ${lines.length} lines are in their safe state.\n`);
    });
}

/** In a function of its own: TypeScript leaves the names of modules as they are where `using` is rewritten. */
async function parts() {
  const { loadStationConfig } = await import('../config/station-config.ts');
  const { linesOf, stationLines } = await import('../config/station-lines.ts');
  const { lockIfPossible } = await import('../ledger/file/ledger-lock.ts');
  return { linesOf, loadStationConfig, lockIfPossible, stationLines };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
