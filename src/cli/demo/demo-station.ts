import { resolve } from 'node:path';
import { startStation } from '../../daemon.ts';
import type { Station } from '../../daemon.ts';
import type { Clock } from '../../foundation/clock.ts';
import { within } from '../../foundation/deadline.ts';
import { StationError } from '../../foundation/faults.ts';
import { LocalTime } from '../../foundation/local-time.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { Job } from '../../firmware/job.ts';
import { startEmbeddedBroker } from '../../mqtt/embedded-broker.ts';
import type { EmbeddedBroker } from '../../mqtt/embedded-broker.ts';
import { areUsedUp, triesOf } from '../../nest/identity/attempts.ts';
import { nodeSerialLinks } from '../../serial/node-serial-link.ts';
import { isPortThere } from '../../serial/port-presence.ts';
import { SimulatedBench } from '../../simulator/bench/bench.ts';
import { DemoModules } from '../../simulator/demo/demo-modules.ts';
import { applicationOf, loadDemoJob } from './demo-job.ts';
import { DemoOperator } from './demo-operator.ts';
import { isRight } from './demo-tray.ts';
import type { JudgedRun } from './demo-tray.ts';
import { untilQuit } from '../terminal/keyboard.ts';
import { NestBoard } from './nest-board.ts';
import { runsTable } from '../ledger/runs-table.ts';
import { softwareVersion } from '../station/software-version.ts';
import type { TerminalOutput } from '../terminal/terminal-output.ts';
import { yieldText } from '../ledger/yield-text.ts';

/** Options of `jigd demo` as commander delivers them. */
export interface DemoOptions {
  readonly nests: number;
  readonly runs?: number;
  readonly seed: number;
  readonly speed: 'real' | 'fast';
  readonly faults: number;
  readonly headless?: boolean;
  readonly mqttPort: number;
  readonly mqtt?: string;
  readonly socket?: string;
  readonly data?: string;
  readonly job?: string;
  readonly verbose?: boolean;
}

export interface DemoParts {
  readonly options: DemoOptions;
  readonly ledgerPath: string;
  readonly output: TerminalOutput;
  readonly clock: Clock;
  readonly log: Logger;
}

const stationId = 'demo';
const oneJob = 'The one job of a demo is named demo, whatever --job says.';
const drainLimitMs = 5_000;
/** Before the first press of `--runs`: a client that has just read the broker's address can subscribe meanwhile. */
const subscribeMs = 2_000;

/**
 * Runs the demo until its runs are done, or until the operator quits or the signal aborts.
 * @returns whether every verdict was right, and all runs that were wanted were done
 */
export async function runDemo(parts: DemoParts, signal: AbortSignal): Promise<boolean> {
  const { options, clock, output } = parts;
  const job = await loadDemoJob(options.job);
  const application = applicationOf(job);
  await using broker = options.mqtt === undefined ? await brokerAt(options.mqttPort) : null;
  const url = options.mqtt ?? broker?.url ?? '';
  await using bench = await SimulatedBench.open({ nests: options.nests, speed: options.speed, clock, present: true });
  const station = await startDemoStation(parts, bench, job, { url, protocol: broker === null ? 5 : '3.1.1' });
  const operator = new DemoOperator({
    bench,
    // With `--data` the tray goes on where the ledger ends: what is in the green or in the red bin is not put in again.
    modules: new DemoModules({
      clock,
      application,
      ...options,
      hasLeft: (mac) => {
        const { passed, failures } = station.ledger.modules.of({ ...job, mac });
        return passed || areUsedUp(triesOf(failures, job.policy.attempts));
      },
    }),
    events: station.events,
    locks: station.alarms.locks,
    unlocksItself: options.socket === undefined,
    application,
    clock,
    runs: options.runs ?? null,
  });
  if ((await station.control?.listening) === false) {
    output.err(`The socket ${options.socket ?? ''} cannot be made: --verbose says why.\n`);
  }
  // Before the moving lines, which take the last ones of the terminal.
  const nests = options.nests === 1 ? '1 nest' : `${options.nests} nests`;
  output.out(`jigd demo: ${nests}, job ${nameOf(job)}, MQTT at ${url}, topics jigd/${stationId}/#\n`);
  // The log is silent unless --verbose asks for it, and a ledger is never replaced in silence.
  if (station.ledger.notice !== null) output.err(`${station.ledger.notice.detail}\n`);
  if (options.runs === undefined) {
    const digits = options.nests === 1 ? '1 presses' : `1 to ${Math.min(9, options.nests)} press`;
    output.out(`Keys: ${digits} the button of a nest, q ends.\n`);
  }
  const board = new NestBoard(output, station, options.headless === true);
  try {
    if (options.runs === undefined) {
      await untilQuit((key) => operator.press(Number(key)), signal);
    } else {
      if (broker !== null) await clock.sleep(subscribeMs, signal);
      await operator.work(signal);
      await drain(station, clock, output, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    operator[Symbol.dispose]();
    // The runs under way end first, so that the table has them.
    await Promise.all(station.nests.map((nest) => nest.stop(new StationError('O01', 'The demo was ended.'))));
    board[Symbol.dispose]();
    const { figures } = station.ledger;
    const runs = [...figures.eachRun({}, 'first-first')];
    output.out(`\n${runsTable(runs, new LocalTime(null))}\n${yieldText(figures.yieldOf())}`);
    await station.stop();
  }
  const right = tellWrong(await operator.judged(), output);
  return right && !(signal.aborted && options.runs !== undefined);
}

async function brokerAt(port: number): Promise<EmbeddedBroker> {
  try {
    return await startEmbeddedBroker(port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reasons = new Map<unknown, string>([
      ['EADDRINUSE', 'another program uses it'],
      ['EACCES', 'this user may not use it'],
    ]);
    const reason = reasons.get(code) ?? (error instanceof Error ? error.message : String(error));
    throw new Error(`The broker cannot listen on port ${port}: ${reason}. Take another --mqtt-port, or leave it out.`, {
      cause: error,
    });
  }
}

function nameOf({ name, release }: Job): string {
  return release === null ? name : `${name} ${release}`;
}

function startDemoStation(
  { options, ledgerPath, clock, log }: DemoParts,
  bench: SimulatedBench,
  job: Job,
  broker: { readonly url: string; readonly protocol: 5 | '3.1.1' },
): Promise<Station> {
  const nests = bench.nests.map(({ number, portPath, lines }) => ({
    id: number,
    port: portPath,
    baud: 921_600,
    lines,
    stuckAfterMs: 5_000,
  }));
  return startStation(
    {
      station: { id: stationId, line: null },
      simulated: true,
      software: softwareVersion(),
      nests,
      faultLamp: bench.faultLamp,
      estop: null,
      ledgerPath,
      mqtt: { ...broker, baseTopic: `jigd/${stationId}` },
      job: stationId,
      loadJob: (name) => (name === stationId ? Promise.resolve(job) : Promise.reject(new StationError('J01', oneJob))),
      // Whoever starts the demo names the job, and may name another one on the same ledger.
      approved: [job.hash],
      controlSocket: options.socket === undefined ? null : resolve(options.socket),
    },
    { lines: bench.lines, openLink: nodeSerialLinks(clock), isPortThere, clock, log },
  );
}

async function drain(station: Station, clock: Clock, output: TerminalOutput, signal: AbortSignal): Promise<void> {
  const { publisher } = station;
  if (publisher === null) return;
  const late = new Error('late');
  try {
    await within(
      clock,
      drainLimitMs,
      () => late,
      signal,
      (own) => publisher.drained(own),
    );
  } catch (error) {
    if (error !== late) throw error;
    output.err('The broker did not take all results in time; they stay in the outbox.\n');
  }
}

function tellWrong(judged: readonly JudgedRun[], output: TerminalOutput): boolean {
  const wrong = judged.filter((run) => !isRight(run));
  for (const { result, good } of wrong) {
    output.err(
      `Wrong verdict: nest ${result.nest ?? 0}, ${result.unit} is ${good ? 'good' : 'bad'}, not ${result.outcome}.\n`,
    );
  }
  return wrong.length === 0;
}
