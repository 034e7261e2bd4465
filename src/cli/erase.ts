import { Command, InvalidArgumentError, Option } from 'commander';
import { esp8266 } from '../chips/esp8266.ts';
import { hexNumber } from '../foundation/bytes.ts';
import { eraseModule } from '../nest/session/erase-module.ts';
import type { ErasedRange } from '../nest/session/erase-module.ts';
import { describeRange, eraseProblem } from '../nest/session/flash-range.ts';
import type { WantedRange } from '../nest/session/flash-range.ts';
import type { ModuleIdentity } from '../nest/run/outcome.ts';
import { eraseRecord } from './module/erase-record.ts';
import { flashRange } from './module/flash-numbers.ts';
import { openHeaderLines } from './module/module-target.ts';
import type { OpenLines } from './module/module-target.ts';
import { addWorkOptions, workOnModule } from './module/module-work.ts';
import type { WorkOptions } from './module/module-work.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';
import { textTable } from './terminal/text-table.ts';

interface EraseOptions extends WorkOptions {
  readonly all?: boolean;
  readonly region?: readonly WantedRange[];
}

/**
 * `jigd erase`: all of the flash of a module, or ranges of it, proved blank by digest. In a nest it is written to the
 * ledger, so that the station does not take the module for one that has passed. Sets exit code 1 when something
 * is left; rejects with a StationError when the module does not answer or a range is not inside its flash.
 */
export function eraseCommand(output: TerminalOutput = processOutput, openLines: OpenLines = openHeaderLines): Command {
  const command = new Command('erase')
    .description('erase the flash of one module, or regions of it, and prove that it is blank')
    .addOption(new Option('--all', 'the whole flash, calibration and settings of the module too').conflicts('region'))
    .addOption(
      new Option(
        '--region <address:size>',
        'whole sectors, such as 0x3fc000:0x4000 or 0x100000:all; may be repeated',
      ).argParser(oneMore),
    );
  return addWorkOptions(command).action(async () => {
    const options = command.optsWithGlobals<EraseOptions>();
    const { all, region } = options;
    if (all !== true && region === undefined) {
      return command.error('error: say what to erase, with --all or with --region', { exitCode: 2 });
    }
    const ranges = region ?? 'all';
    const { identity, ranges: erased } = await workOnModule(
      command,
      options,
      { output, openLines },
      async ({ parts, target, hooks, signal, place }) => {
        using record = await eraseRecord(place, rangesText(ranges), parts.clock);
        if (record.notice !== null) output.err(`${record.notice}\n`);
        const erasing = (module: ModuleIdentity): void => record.erasing(module);
        return await eraseModule(parts, { ...target, chip: esp8266, ranges }, { ...hooks, erasing }, signal);
      },
    );
    output.out(options.json === true ? erased.map((range) => recordOf(range, identity)).join('') : tableOf(erased));
    if (options.json !== true) output.err(erased.map(sentenceOf).join(''));
    if (erased.some(({ blank }) => !blank)) process.exitCode = 1;
  });
}

function oneMore(text: string, before: readonly WantedRange[] = []): readonly WantedRange[] {
  const ranges = [...before, flashRange(text)];
  const problem = eraseProblem(ranges);
  if (problem !== null) throw new InvalidArgumentError(problem);
  return ranges;
}

function rangesText(ranges: readonly WantedRange[] | 'all'): string {
  return ranges === 'all' ? 'all' : ranges.map(describeRange).join(', ');
}

function recordOf({ address, bytes, blank, firstDifference }: ErasedRange, module: ModuleIdentity): string {
  const range = { address, bytes, blank, first_difference: firstDifference };
  return `${JSON.stringify({ ...range, mac: module.mac, chip: module.chip, flash_id: module.flashId })}\n`;
}

function tableOf(erased: readonly ErasedRange[]): string {
  return textTable(
    [{ title: 'ADDRESS', align: 'right' }, { title: 'BYTES', align: 'right' }, { title: 'VERDICT' }],
    erased.map(({ address, bytes, blank }) => [hexNumber(address, 6), String(bytes), blank ? 'blank' : 'not blank']),
  );
}

function sentenceOf({ blank, firstDifference, ...range }: ErasedRange): string {
  if (blank) return '';
  const where = `The flash from ${describeRange(range)} is not blank after the erase`;
  if (firstDifference === null) return `${where}, but reads blank at the second look: check supply and contacts.\n`;
  const first = `${hexNumber(firstDifference.address, 6)} holds ${hexNumber(firstDifference.actual, 2)}`;
  return `${where}: ${first}. Check the WP pin and the supply; a second failure is a bad flash.\n`;
}
