import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { Clock } from '../foundation/clock.ts';
import { hostBootId, isClockSynced } from '../foundation/host.ts';
import { systemClock } from '../foundation/system-clock.ts';
import type { Job } from '../firmware/job.ts';
import { identityFault } from '../nest/identity/identity-gates.ts';
import { noHistory } from '../nest/identity/module-history.ts';
import type { ModuleIdentity, RunReport } from '../nest/run/outcome.ts';
import { openingOf } from '../nest/run/run-opening.ts';
import { programModule } from '../nest/session/programming-session.ts';
import type { RunOpening } from '../nest/run/run-result.ts';
import { nodeSerialLinks } from '../serial/node-serial-link.ts';
import type { OpenSerialLink } from '../serial/serial-link.ts';
import { commandLog } from './terminal/command-log.ts';
import { evidenceText } from './ledger/evidence-text.ts';
import { recordOf } from './module/flash-record.ts';
import { bootNotice, failureText, passText } from './module/flash-text.ts';
import { identityText } from './module/identity-text.ts';
import { abortable } from './terminal/interrupt.ts';
import { loadJob } from './job/load-job.ts';
import { addTargetOptions, baudRate, openHeaderLines, withTarget, usualBaud } from './module/module-target.ts';
import type { OpenLines, Target, TargetOptions } from './module/module-target.ts';
import { ProgressBar } from './terminal/progress-bar.ts';
import { softwareVersion } from './station/software-version.ts';
import { processOutput } from './terminal/terminal-output.ts';
import type { TerminalOutput } from './terminal/terminal-output.ts';

interface FlashOptions extends TargetOptions {
  readonly job: string;
  readonly baud?: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * `jigd flash`: one module from a terminal, at a port outside the ledger or in a nest with a record. Sets exit code 1
 * for any verdict but PASS; rejects with a ConfigError or a StationError when the job cannot be loaded, the lines
 * cannot be had or the run cannot be recorded.
 */
export function flashCommand(
  output: TerminalOutput = processOutput,
  openLines: OpenLines = openHeaderLines,
  openLink: OpenSerialLink = nodeSerialLinks(systemClock),
): Command {
  const command = new Command('flash')
    .description('flash one module from a terminal')
    .requiredOption('--job <file>', 'the job file')
    .option('--baud <rate>', 'rate of the link while writing; default: that of the nest, else 921600', baudRate)
    .option('--json', 'print the record of the run as one JSON object');
  return addTargetOptions(command).action(async () => {
    const options = command.optsWithGlobals<FlashOptions>();
    const job = await loadJob(options.job);
    const result = await withTarget(command, options, openLines, (target) =>
      abortable((signal) => flashOnce({ job, options, output, openLink, clock: systemClock }, target, signal)),
    );
    if (result.outcome !== 'PASS') process.exitCode = 1;
  });
}

interface FlashWork {
  readonly job: Job;
  readonly options: FlashOptions;
  readonly output: TerminalOutput;
  readonly openLink: OpenSerialLink;
  readonly clock: Clock;
}

async function flashOnce(
  { job, options, output, openLink, clock }: FlashWork,
  { port, reset, supply, place }: Target,
  signal: AbortSignal,
): Promise<RunReport> {
  using record = await recordOf(place, clock);
  if (record.notice !== null) output.err(`${record.notice}\n`);
  const opening = openingAt(place, job, clock);
  record.open(opening, job.text);
  const progress = options.json === true ? null : new ProgressBar(output);
  const hooks = {
    phase: (phase: string) => progress?.phase(phase),
    progress: (share: number) => progress?.share(share),
    identified: (identity: ModuleIdentity) => {
      // Whoever works from a terminal decides about MACs and tries; what was ordered stays ordered.
      const known = { ...noHistory, acceptedParts: record.acceptedParts(job.product) };
      const fault = identityFault({ identity, job, mode: opening.mode, known });
      if (fault !== null) throw fault;
      record.writing(opening.runId, identity);
      progress?.line(identityText(identity));
    },
  };
  const parts = { openLink, clock, log: commandLog(options.verbose === true) };
  const baud = options.baud ?? place?.nest.serial.baud ?? usualBaud;
  const report = await programModule(parts, { port, baud, reset, supply, job }, hooks, signal);
  progress?.clear();
  const result = record.close(opening, report);
  if (report.outcome === 'PASS') output.err(bootNotice(job, reset));
  if (options.json === true) output.out(`${JSON.stringify(result)}\n`);
  else if (report.outcome === 'PASS') output.out(passText(report));
  if (report.code !== null) output.err(failureText(report.code, report));
  if (options.verbose === true && report.evidence !== null) output.err(`\n${evidenceText(report.evidence)}`);
  return report;
}

function openingAt(place: Target['place'], job: Job, clock: Clock): RunOpening {
  return openingOf(job, {
    runId: randomUUID(),
    station: place?.config.station.id ?? null,
    line: place?.config.station.line ?? null,
    nest: place?.nest.id ?? null,
    exchanged: null,
    workOrder: null,
    lot: null,
    startedAt: clock.now(),
    bootId: hostBootId(),
    monoMs: clock.monotonic(),
    clockSynced: isClockSynced(),
    mode: 'engineering',
    simulated: false,
    software: softwareVersion(),
  });
}
