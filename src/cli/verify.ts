import { Command } from 'commander';
import { hexNumber } from '../foundation/bytes.ts';
import { verifyModule } from '../nest/verify-module.ts';
import type { RegionVerdict } from '../nest/verify-module.ts';
import { loadJob } from './load-job.ts';
import { openHeaderLines } from './module-target.ts';
import type { OpenLines } from './module-target.ts';
import { addWorkOptions, workOnModule } from './module-work.ts';
import type { WorkOptions } from './module-work.ts';
import { processOutput } from './terminal-output.ts';
import type { TerminalOutput } from './terminal-output.ts';
import { textTable } from './text-table.ts';

interface VerifyOptions extends WorkOptions {
  readonly job: string;
}

/** What NodeMCU with SDK 3 writes at its first start: PHY data and its own records (protocol reference §7.6). */
const ownRecords = { from: 0xf000, to: 0x11000 } as const;
const ownRecordsNote =
  'NodeMCU rewrites 0x10000, and 0xf000 where needed, at its first start: such a module differs there rightly once it has run.';

/**
 * `jigd verify`: whether a module holds what a job puts into it. Sets exit code 1 when a region differs; rejects with a
 * ConfigError or a StationError when the job cannot be loaded or the module does not answer.
 */
export function verifyCommand(output: TerminalOutput = processOutput, openLines: OpenLines = openHeaderLines): Command {
  const command = new Command('verify')
    .description('compare the flash of one module with a job')
    .requiredOption('--job <file>', 'the job file')
    .addHelpText(
      'after',
      '\nVerify before the module has run: many applications write to their own flash.\n' + ownRecordsNote,
    );
  return addWorkOptions(command).action(async () => {
    const options = command.optsWithGlobals<VerifyOptions>();
    const job = await loadJob(options.job);
    const verdicts = await workOnModule(command, options, { output, openLines }, ({ parts, target, hooks, signal }) =>
      verifyModule(parts, { ...target, job }, hooks, signal),
    );
    output.out(options.json === true ? verdicts.map(recordOf).join('') : tableOf(verdicts));
    if (options.json !== true) output.err(verdicts.map(sentenceOf).join(''));
    if (verdicts.some(({ verdict }) => verdict !== 'same')) process.exitCode = 1;
  });
}

function recordOf(region: RegionVerdict): string {
  const { address, bytes, label, expected, actual, verdict, firstDifference } = region;
  const record = { address, bytes, what: label, expected, actual, verdict, first_difference: firstDifference };
  return `${JSON.stringify(record)}\n`;
}

function tableOf(verdicts: readonly RegionVerdict[]): string {
  return textTable(
    [
      { title: 'ADDRESS', align: 'right' },
      { title: 'BYTES', align: 'right' },
      { title: 'WHAT' },
      { title: 'EXPECTED' },
      { title: 'ACTUAL' },
      { title: 'VERDICT' },
    ],
    verdicts.map(({ address, bytes, label, expected, actual, verdict }) => {
      return [hexNumber(address, 6), String(bytes), label, expected, actual, verdict];
    }),
  );
}

function sentenceOf({ verdict, label, firstDifference }: RegionVerdict): string {
  if (verdict === 'same') return '';
  if (firstDifference === null) {
    return `${label} has the wrong digest, but reads right at the second look: check supply and contacts, and verify again.\n`;
  }
  const { address, expected, actual } = firstDifference;
  const first = `${hexNumber(address, 6)} holds ${hexNumber(actual, 2)}, not ${hexNumber(expected, 2)}`;
  const what = verdict === 'empty' ? `${label} is not there: its range is empty` : `${label} differs`;
  const own = address >= ownRecords.from && address < ownRecords.to ? ` ${ownRecordsNote}` : '';
  return `${what}; the first difference: ${first}.${own}\n`;
}
