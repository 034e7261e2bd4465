import { Command, InvalidArgumentError, Option } from 'commander';
import { chips } from '../chips/registry.ts';
import { jobLayout, layoutText } from './job/job-layout.ts';
import { loadJob } from './job/load-job.ts';

/** The size that a layout is shown for when the job leaves it to the module. */
const exampleFlash = '4MB';

interface CheckOptions {
  readonly json?: boolean;
  readonly flash: number;
}

/**
 * `jigd job check FILE` and `jigd job hash FILE`. Their actions reject with a ConfigError for a file that is no valid
 * job (exit 78) and with a StationError J01 to J05 for one that cannot be flashed (exit 1).
 * @param print takes what goes to standard output
 */
export function jobCommand(print: (text: string) => void = (text) => void process.stdout.write(text)): Command {
  const job = new Command('job').description('look at a job without a module');
  job
    .command('check')
    .description('check a job and its images and show what ends up where')
    .argument('<file>', 'the job file')
    .option('--json', 'print one JSON object')
    .addOption(
      new Option('--flash <size>', 'flash of the module, for a job that follows it')
        .argParser(flashBytes)
        .default(flashBytes(exampleFlash), exampleFlash),
    )
    .action(async (file: string, options: CheckOptions) => {
      const loaded = await loadJob(file);
      const size = loaded.flash.size === 'detect' ? options.flash : loaded.flash.size;
      const layout = await jobLayout(file, loaded, size);
      print(options.json === true ? `${JSON.stringify(layout)}\n` : layoutText(layout));
    });
  job
    .command('hash')
    .description('print the hash that a person approves')
    .argument('<file>', 'the job file')
    .action(async (file: string) => {
      const { hash } = await loadJob(file);
      print(`${hash}\n`);
    });
  return job;
}

function flashBytes(name: string): number {
  const sizes = new Map(chips.flatMap(({ header }) => Object.entries(header.sizes)));
  const size = sizes.get(name);
  if (size === undefined) throw new InvalidArgumentError(`Expected one of ${[...sizes.keys()].join(', ')}.`);
  return size.bytes;
}
