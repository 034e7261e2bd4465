import { Command } from 'commander';
import { hexNumber } from '../foundation/bytes.ts';
import type { ModuleIdentity } from '../nest/run/outcome.ts';
import { verifyModule } from '../nest/session/verify-module.ts';
import type { RegionVerdict } from '../nest/session/verify-module.ts';
import { loadJob } from './job/load-job.ts';
import { openHeaderLines } from './module/module-target.ts';
import type { OpenLines } from './module/module-target.ts';
import { addWorkOptions, workOnModule } from './module/module-work.ts';
import type { WorkOptions } from './module/module-work.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';
import { textTable } from './terminal/text-table.ts';

interface VerifyOptions extends WorkOptions {
  readonly job: string;
}

/** What NodeMCU with SDK 3 writes at its first start: PHY data and its own records (protocol reference §7.6). */
const ownRecords = { from: 0xf000, to: 0x11000 } as const;
const headerNote = 'these are the header bytes that flash.mode, size and frequency set';
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
    const { identity, verdicts } = await workOnModule(
      command,
      options,
      { output, openLines },
      ({ parts, target, hooks, signal }) => verifyModule(parts, { ...target, job }, hooks, signal),
    );
    if (options.json === true) {
      output.out(verdicts.map((region) => recordOf(region, identity)).join(''));
    } else {
      output.out(tableOf(verdicts));
      output.err(verdicts.map((region) => sentenceOf(region, job.chip.bootAddress)).join(''));
      output.out(summaryOf(verdicts));
    }
    if (verdicts.some(({ verdict }) => verdict !== 'same')) process.exitCode = 1;
  });
}

function recordOf(region: RegionVerdict, { mac, chip, flashId }: ModuleIdentity): string {
  const { address, bytes, label, expected, actual, verdict, firstDifference } = region;
  const record = { address, bytes, what: label, expected, actual, verdict, first_difference: firstDifference };
  return `${JSON.stringify({ ...record, mac, chip, flash_id: flashId })}\n`;
}

const columns = [
  { title: 'ADDRESS', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'VERDICT' },
  { title: 'WHAT' },
] as const;

/** Two digests beside each other would not fit into 80 columns. */
function tableOf(verdicts: readonly RegionVerdict[]): string {
  const rows = verdicts.map(({ address, bytes, label, verdict }) => {
    return [hexNumber(address, 6), String(bytes), verdict, label];
  });
  const [titles, ...lines] = textTable(columns, rows).trimEnd().split('\n');
  const digests = verdicts.map(({ verdict, expected, actual }) => {
    return verdict === 'same' ? [] : [`    expected ${expected}`, `    actual   ${actual}`];
  });
  const all = [titles, ...lines.flatMap((line, index) => [line, ...(digests[index] ?? [])])];
  return `${all.join('\n')}\n`;
}

function summaryOf(verdicts: readonly RegionVerdict[]): string {
  const count = verdicts.length;
  const different = verdicts.filter(({ verdict }) => verdict !== 'same').length;
  if (count === 1) return `The only region ${different === 0 ? 'is the same' : 'differs'}.\n`;
  if (different === 0) return `All ${count} regions are the same.\n`;
  return `${different} of ${count} regions ${different === 1 ? 'differs' : 'differ'}.\n`;
}

function sentenceOf({ verdict, label, address: start, firstDifference }: RegionVerdict, bootAddress: number): string {
  if (verdict === 'same') return '';
  if (firstDifference === null) {
    return `${label} has the wrong digest, but reads right at the second look: check supply and contacts, and verify again.\n`;
  }
  const { address, expected, actual } = firstDifference;
  const first = `the first difference: ${hexNumber(address, 6)} holds ${hexNumber(actual, 2)}, not ${hexNumber(expected, 2)}`;
  if (verdict === 'empty') return `${label} is not there: its range is empty; ${first}.\n`;
  const at = address - bootAddress;
  const header = start === bootAddress && (at === 2 || at === 3) ? `; ${headerNote}` : '';
  const own = address >= ownRecords.from && address < ownRecords.to ? ` ${ownRecordsNote}` : '';
  return `${label} differs; ${first}${header}.${own}\n`;
}
