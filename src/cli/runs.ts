import { Command, InvalidArgumentError, Option } from 'commander';
import type { Clock } from '../foundation/clock.ts';
import { isFaultCode } from '../foundation/faults.ts';
import { systemClock } from '../foundation/system-clock.ts';
import type { RunFilter } from '../ledger/runs/run-query.ts';
import { macIn } from '../foundation/mac-address.ts';
import { addLedgerOptions, wholeNumber, withLedger } from './ledger/ledger-options.ts';
import type { LedgerOptions } from './ledger/ledger-options.ts';
import { addPeriodOptions, periodOf } from './ledger/period-options.ts';
import type { PeriodOptions } from './ledger/period-options.ts';
import { runsTable } from './ledger/runs-table.ts';

interface RunsOptions extends RunFilter, LedgerOptions, PeriodOptions {
  readonly json?: boolean;
}

/**
 * `jigd runs`: the runs in a ledger, the last one first. It reads beside a running station and changes nothing. Its
 * action rejects with an Error when there is no ledger or it cannot be read.
 * @param print takes what goes to standard output
 */
export function runsCommand(
  print: (text: string) => void = (text) => void process.stdout.write(text),
  clock: Clock = systemClock,
): Command {
  const command = addLedgerOptions(new Command('runs').description('list the runs in a ledger, the last one first'))
    .addOption(new Option('--nest <n>', 'only this nest').argParser(wholeNumber))
    .addOption(new Option('--mac <mac>', 'only the module with this MAC').argParser(macAddress))
    .option('--serial <serial>', 'only the module with this serial')
    .option('--lot <lot>', 'only this lot')
    .addOption(new Option('--code <code>', 'only runs that failed with this code').argParser(faultCode));
  return addPeriodOptions(command)
    .addOption(new Option('--limit <n>', 'at most this many').argParser(wholeNumber).default(50))
    .option('--json', 'print one JSON object a line: the record')
    .action(async ({ ledger, config, json, since, until, ...filter }: RunsOptions) => {
      await withLedger(command, { ledger, config }, (reader, { local }) => {
        const period = periodOf(command, { since, until }, local, clock.now());
        const runs = [...reader.eachRun({ ...filter, ...period }, 'last-first')];
        if (json === true) print(runs.map(({ record }) => `${JSON.stringify(record)}\n`).join(''));
        else print(runs.length === 0 ? 'No run matches.\n' : runsTable(runs, local));
      });
    });
}

function macAddress(text: string): string {
  const mac = macIn(text);
  if (mac === null) throw new InvalidArgumentError('Expected a MAC such as 5c:cf:7f:12:34:56.');
  return mac;
}

function faultCode(text: string): string {
  const code = text.toUpperCase();
  if (!isFaultCode(code)) throw new InvalidArgumentError('Expected a failure code such as V01.');
  return code;
}
