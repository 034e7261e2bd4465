import { Command } from 'commander';
import type { LedgerReader } from '../ledger/ledger-reader.ts';
import type { TracedRun } from '../ledger/runs/trace-query.ts';
import type { RunEvidence } from '../nest/evidence/run-evidence.ts';
import { macIn } from '../foundation/mac-address.ts';
import { addLedgerOptions, withLedger } from './ledger/ledger-options.ts';
import type { LedgerOptions } from './ledger/ledger-options.ts';
import { traceText } from './ledger/trace-text.ts';

interface TraceOptions extends LedgerOptions {
  readonly evidence?: boolean;
  readonly json?: boolean;
}

/**
 * `jigd trace`: every run of one module, over all jobs, with refused presses and runs that count for it without having
 * identified it. Its action rejects with an Error when the ledger has nothing of the module.
 * @param print takes what goes to standard output
 */
export function traceCommand(print: (text: string) => void = (text) => void process.stdout.write(text)): Command {
  const command = new Command('trace')
    .description('show everything of one module')
    .argument(
      '<module>',
      'its MAC in any notation, its serial, or the name of a unit that was never identified, such as ?3f2b8c1a',
    );
  return addLedgerOptions(command)
    .option('--evidence', 'show what is kept of each run that did not pass')
    .option('--json', 'print one JSON object a line')
    .action(async (module: string, options: TraceOptions) => {
      await withLedger(command, options, (reader, { local }) => {
        const runs = runsOf(reader, module);
        if (runs.length === 0) throw new Error(`The ledger has no run of ${module}.`);
        const evidenceOf = (runId: string): RunEvidence | null =>
          options.evidence === true ? reader.evidenceOf(runId) : null;
        const mac = runs.find((run) => run.mac !== null)?.mac;
        const standing = mac == null ? [] : reader.standingOf(mac);
        print(options.json === true ? traceRecords(runs, evidenceOf) : traceText(runs, local, evidenceOf, standing));
      });
    });
}

function runsOf(reader: LedgerReader, module: string): TracedRun[] {
  if (module.startsWith('?')) return reader.trace({ by: 'unit', name: provisionalUnit(reader, module) });
  const mac = macIn(module);
  const runs = mac === null ? [] : reader.trace({ by: 'mac', name: mac });
  return runs.length > 0 ? runs : reader.trace({ by: 'serial', name: module });
}

/** The whole name of a unit, which may be cut short as lists show it. */
function provisionalUnit(reader: LedgerReader, start: string): string {
  const found = reader.provisionalUnits(start);
  const [name = start] = found;
  if (found.length > 1) throw new Error(`${start} is the beginning of several units: ${found.join(', ')}.`);
  return name;
}

function traceRecords(runs: readonly TracedRun[], evidenceOf: (runId: string) => RunEvidence | null): string {
  const record = (run: TracedRun): object => {
    const evidence = evidenceOf(run.run_id);
    return evidence === null ? run : { ...run, evidence };
  };
  return runs.map((run) => `${JSON.stringify(record(run))}\n`).join('');
}
