import { Command, Option } from 'commander';
import { esp8266 } from '../chips/esp8266.ts';
import { describeRange } from '../nest/session/flash-range.ts';
import { readModule } from '../nest/session/read-module.ts';
import type { FlashCopy } from '../nest/session/read-module.ts';
import { flashAddress, flashSize } from './module/flash-numbers.ts';
import { openHeaderLines } from './module/module-target.ts';
import type { OpenLines } from './module/module-target.ts';
import { addWorkOptions, workOnModule } from './module/module-work.ts';
import type { WorkOptions } from './module/module-work.ts';
import { PartialFile } from './terminal/partial-file.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

interface ReadOptions extends WorkOptions {
  readonly at: number;
  readonly size: number | 'all';
  readonly force?: boolean;
}

/**
 * `jigd read`: a range of the flash of a module into a file, which is there only when all of it was read and checked.
 * Rejects with a StationError when the module does not answer or the range is not inside its flash, and with an Error
 * when the file cannot be written.
 */
export function readCommand(output: TerminalOutput = processOutput, openLines: OpenLines = openHeaderLines): Command {
  const command = new Command('read')
    .description('read flash of one module into a file')
    .argument('<file>', 'the file to write')
    .addOption(
      new Option('--at <address>', 'where to begin, such as 0x10000').argParser(flashAddress).makeOptionMandatory(),
    )
    .addOption(
      new Option('--size <bytes>', 'such as 0x4000, 16384, 16K, 1M; all: up to the end of the flash')
        .argParser(flashSize)
        .makeOptionMandatory(),
    )
    .option('--force', 'replace the file when it exists');
  return addWorkOptions(command).action(async (name: string) => {
    const options = command.optsWithGlobals<ReadOptions>();
    await using file = await PartialFile.create(name, options.force === true);
    const range = { address: options.at, bytes: options.size };
    const take = (bytes: Uint8Array): Promise<void> => file.write(bytes);
    const copy = await workOnModule(command, options, { output, openLines }, ({ parts, target, hooks, signal }) =>
      readModule(parts, { ...target, chip: esp8266, range, take }, hooks, signal),
    );
    await file.finish();
    output.out(options.json === true ? recordOf(name, copy) : textOf(name, copy));
  });
}

function recordOf(file: string, { identity, ...copy }: FlashCopy): string {
  const { mac, chip, flashId, flashBytes } = identity;
  return `${JSON.stringify({ file, ...copy, mac, chip, flash_id: flashId, flash_bytes: flashBytes })}\n`;
}

function textOf(file: string, { md5, sha256, ...range }: FlashCopy): string {
  const facts = [
    ['file', file],
    ['range', `${describeRange(range)}, ${range.bytes} bytes`],
    ['MD5', md5],
    ['SHA-256', sha256],
  ];
  return facts.map(([name = '', value = '']) => `${name.padEnd(9)}${value}\n`).join('');
}
