import { Command } from 'commander';
import { backUpLedger } from '../ledger/backup/back-up-file.ts';
import { checkLedger } from '../ledger/check/check-ledger.ts';
import type { LedgerFinding } from '../ledger/check/check-ledger.ts';
import { abortable } from './terminal/interrupt.ts';
import { addLedgerOptions, atLedger } from './ledger/ledger-options.ts';
import type { LedgerOptions } from './ledger/ledger-options.ts';

interface CheckOptions extends LedgerOptions {
  readonly json?: boolean;
}

const names: Readonly<Record<LedgerFinding['check'], string>> = {
  content: 'content of the file',
  references: 'rows belong together',
  sequence: 'seq without gaps',
  links: 'adopted runs',
  units: 'units',
  counters: 'counters',
  outbox: 'outbox',
};

/**
 * `jigd ledger`: checks and copies a ledger, beside a running station. Its actions reject as `withLedger` does,
 * and with StationError S02 on a full disk.
 * @param print takes what goes to standard output
 */
export function ledgerCommand(print: (text: string) => void = (text) => void process.stdout.write(text)): Command {
  const command = new Command('ledger').description('check a ledger, or copy it while the station runs');
  addLedgerOptions(command.command('check').description('check everything in a ledger; exit 1 when something is wrong'))
    .option('--json', 'print one JSON object')
    .action(async (options: CheckOptions, called: Command) => {
      const { findings, ...counts } = await atLedger(called, options, ({ path }) => checkLedger(path));
      const sound = findings.every(({ problems }) => problems.length === 0);
      if (options.json === true) print(`${JSON.stringify({ sound, ...counts, findings })}\n`);
      else print(`${findings.map(lineOf).join('')}${summary(sound, counts)}\n`);
      if (!sound) process.exitCode = 1;
    });
  addLedgerOptions(command.command('backup').description('copy a ledger to a new file, and check the copy'))
    .argument('<file>', 'the copy; it must not be there yet')
    .action(async (file: string, options: LedgerOptions, called: Command) => {
      await atLedger(called, options, async ({ path }) => {
        await abortable((signal) => backUpLedger(path, file, signal));
        print(`${file} is a sound copy of ${path}.\n`);
      });
    });
  return command;
}

function lineOf({ check, problems }: LedgerFinding): string {
  const name = names[check];
  if (problems.length === 0) return `ok     ${name}\n`;
  return problems.map((problem) => `WRONG  ${name}: ${problem}\n`).join('');
}

function summary(sound: boolean, { runs, epochs }: { readonly runs: number; readonly epochs: number }): string {
  if (!sound) return 'Something is wrong with the ledger: docs/ledger.md says what to do.';
  return `${runs} ${runs === 1 ? 'run' : 'runs'} in ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}; nothing is wrong.`;
}
