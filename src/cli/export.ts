import { Command, Option } from 'commander';
import type { Clock } from '../foundation/clock.ts';
import { systemClock } from '../foundation/system-clock.ts';
import type { LedgerReader } from '../ledger/ledger-reader.ts';
import { csvFormat, ndjsonFormat } from './ledger/export-records.ts';
import type { ExportHeader } from './ledger/export-records.ts';
import { abortable } from './terminal/interrupt.ts';
import { addLedgerOptions, withLedger } from './ledger/ledger-options.ts';
import type { LedgerOptions } from './ledger/ledger-options.ts';
import { PartialFile } from './terminal/partial-file.ts';
import { addPeriodOptions, periodOf } from './ledger/period-options.ts';
import type { PeriodFilter, PeriodOptions } from './ledger/period-options.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

const formats = { csv: csvFormat, ndjson: ndjsonFormat } as const;

interface ExportOptions extends LedgerOptions, PeriodOptions {
  readonly lot?: string;
  readonly format: keyof typeof formats;
  readonly out?: string;
  readonly force?: boolean;
}

/** How much text is written at once. */
const chunkCharacters = 65_536;

/**
 * `jigd export`: the runs of a lot or a period for other programs, in the order in which they were closed. A file is there
 * only when all of it was written. Rejects with an Error when the ledger cannot be read or the file not be written.
 */
export function exportCommand(output: TerminalOutput = processOutput, clock: Clock = systemClock): Command {
  const command = addLedgerOptions(
    new Command('export').description('write the runs of a lot or a period as CSV or NDJSON'),
  );
  return addPeriodOptions(command.option('--lot <lot>', 'the runs of this lot'))
    .addOption(
      new Option('--format <format>', 'csv for spreadsheets, ndjson for programs')
        .choices(Object.keys(formats))
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'the file to write (default: standard output)')
    .option('--force', 'replace the file when it exists')
    .action(async (options: ExportOptions) => {
      const { lot, out } = options;
      if (lot === undefined && options.since === undefined && options.until === undefined) {
        command.error('error: say what to export: --lot, --since or --until');
      }
      await withLedger(command, options, async (reader, { path, local }) => {
        const period = periodOf(command, options, local, clock.now());
        const filter = { ...period, ...(lot === undefined ? {} : { lot }) };
        const header = {
          ...{ ledger: path, timezone: local.zone, exported_at: new Date(clock.now()).toISOString(), lot: lot ?? null },
          ...boundsOf(period),
        };
        const chunks = exportChunks(reader, filter, formats[options.format], header);
        if (out === undefined) for (const { text } of chunks) output.out(text);
        else {
          const written = await writeFile(out, options.force === true, chunks);
          output.err(`${written} ${written === 1 ? 'run' : 'runs'} in ${out}\n`);
        }
      });
    });
}

function boundsOf({ fromMs, toMs }: PeriodFilter): Pick<ExportHeader, 'since' | 'until'> {
  const text = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  return { since: text(fromMs), until: text(toMs) };
}

interface Chunk {
  readonly text: string;
  /** Records in it. */
  readonly runs: number;
}

function* exportChunks(
  reader: LedgerReader,
  filter: PeriodFilter & { readonly lot?: string },
  format: (typeof formats)[keyof typeof formats],
  header: Omit<ExportHeader, 'runs'>,
): Generator<Chunk> {
  let text = format.begin({ ...header, runs: reader.extent(filter).runs });
  let runs = 0;
  for (const run of reader.eachRun(filter, 'first-first')) {
    text += format.record(run);
    runs += 1;
    if (text.length < chunkCharacters) continue;
    yield { text, runs };
    text = '';
    runs = 0;
  }
  yield { text, runs };
}

/** @returns how many runs are in it */
async function writeFile(name: string, force: boolean, chunks: Iterable<Chunk>): Promise<number> {
  return abortable(async (signal) => {
    await using file = await PartialFile.create(name, force);
    let written = 0;
    for (const { text, runs } of chunks) {
      await file.write(Buffer.from(text));
      signal.throwIfAborted();
      written += runs;
    }
    await file.finish();
    return written;
  });
}
