import { Command, InvalidArgumentError, Option } from 'commander';
import { isFaultCode } from '../foundation/faults.ts';
import { LedgerReader } from '../ledger/ledger-reader.ts';
import type { RunFilter } from '../ledger/run-query.ts';
import type { RunResult } from '../nest/run-result.ts';
import { textTable } from './text-table.ts';
import type { Column } from './text-table.ts';

interface RunsOptions extends RunFilter {
  readonly ledger: string;
  readonly json?: boolean;
}

const columns: readonly Column[] = [
  { title: 'SEQ', align: 'right' },
  { title: 'FINISHED' },
  { title: 'NEST', align: 'right' },
  { title: 'OUTCOME' },
  { title: 'CODE' },
  { title: 'UNIT' },
  { title: 'ATTEMPT', align: 'right' },
  { title: 'SECONDS', align: 'right' },
  { title: 'JOB' },
];

/**
 * `jigd runs`: the runs in a ledger, the last one first. It reads beside a running station and changes nothing. Its
 * action rejects with StationError S01 when there is no ledger or it cannot be read.
 * @param print takes what goes to standard output
 */
export function runsCommand(print: (text: string) => void = (text) => void process.stdout.write(text)): Command {
  return new Command('runs')
    .description('list the runs in a ledger, the last one first')
    .requiredOption('--ledger <file>', 'the ledger')
    .option('--json', 'print one JSON object a line')
    .addOption(new Option('--nest <n>', 'only this nest').argParser(wholeNumber))
    .addOption(new Option('--mac <mac>', 'only the module with this MAC').argParser(macAddress))
    .addOption(new Option('--code <code>', 'only runs that failed with this code').argParser(faultCode))
    .addOption(new Option('--limit <n>', 'at most this many').argParser(wholeNumber).default(50))
    .action(async ({ ledger, json, ...filter }: RunsOptions) => {
      const reader = await LedgerReader.open(ledger);
      try {
        const runs = reader.runs(filter);
        print(json === true ? runs.map((run) => `${JSON.stringify(run)}\n`).join('') : runsTable(runs));
      } finally {
        reader.close();
      }
    });
}

/** The runs as a table for people, in the given order. */
export function runsTable(runs: readonly RunResult[]): string {
  return textTable(
    columns,
    runs.map((run) => [
      String(run.seq ?? '-'),
      run.finished_at,
      String(run.nest ?? '-'),
      run.outcome,
      run.code === null ? '-' : `${run.code} ${run.code_name ?? ''}`,
      run.unit,
      run.reflash === 1 ? 'reflash' : String(run.attempt ?? '-'),
      (run.ms_total / 1_000).toFixed(1),
      run.job ?? '-',
    ]),
  );
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}

function macAddress(text: string): string {
  const digits = text.toLowerCase().replaceAll(/[:-]/g, '');
  if (!/^[0-9a-f]{12}$/.test(digits)) throw new InvalidArgumentError('Expected a MAC such as 5c:cf:7f:12:34:56.');
  return digits.replaceAll(/(..)(?=.)/g, '$1:');
}

function faultCode(text: string): string {
  const code = text.toUpperCase();
  if (!isFaultCode(code)) throw new InvalidArgumentError('Expected a failure code such as V01.');
  return code;
}
