import { writeFileSync } from 'node:fs';
import { startStation } from '../../src/daemon.ts';
import type { Station } from '../../src/daemon.ts';
import type { StationSetup } from '../../src/daemon/station-setup.ts';
import { loadJob } from '../../src/cli/job/load-job.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { startEmbeddedBroker } from '../../src/mqtt/embedded-broker.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import type { NestState, StationEvent } from '../../src/nest/station-event.ts';
import { nodeSerialLinks } from '../../src/serial/node-serial-link.ts';
import type { BenchNestWiring } from '../../src/simulator/bench/bench-lines.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import type { BenchNest } from '../../src/simulator/bench/bench-nest.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { startListener } from '../mqtt/listener.ts';
import type { Listener } from '../mqtt/listener.ts';
import { bootImage, secondImage, usualJob } from './usual-job.ts';

export { bootImage, secondImage, usualJob };

const baseTopic = 'jigd/bench';
/**
 * The window of the debouncing. Timers of the same length fire in the order in which they were set, however late the
 * machine is: after this long, the level before it has been seen.
 */
const bounceMs = 20;

export type FilePath = (name: string) => string;

export interface StationBenchOptions {
  /** Default 1. */
  readonly nests?: number;
  /** What the nests have beyond lamps and button. */
  readonly wiring?: BenchNestWiring;
  /** Default: `usualJob` beside its images. */
  readonly jobText?: string;
  /** The station observes the emergency stop of the bench. Default: it has none. */
  readonly estop?: boolean;
  /** Called before the job is loaded, to put files beside it or take them away. */
  readonly arrange?: (file: FilePath) => void;
  readonly beforeStart?: (bench: SimulatedBench) => void;
  readonly setup?: (setup: StationSetup) => Partial<StationSetup>;
  /** The address at which the station finds the broker of the bench. Default: that of the broker. */
  readonly through?: (broker: { readonly url: string; readonly port: number }) => Promise<string>;
  /** A folder that the caller keeps, for a station that is started again on the same ledger. */
  readonly folder?: string;
}

/** The whole station on simulated nests: real ports, real ledger, real job files, a real broker and a consumer. */
export class StationBench implements AsyncDisposable {
  readonly bench: SimulatedBench;
  readonly station: Station;
  readonly consumer: Listener;
  readonly ledgerPath: string;
  readonly events: StationEvent[] = [];
  /** Path of a file in the folder of the job. */
  readonly file: FilePath;
  readonly #cleanUp: readonly (() => unknown)[];
  #modules = 0;

  static async open(options: StationBenchOptions = {}): Promise<StationBench> {
    const cleanUp: (() => unknown)[] = [];
    try {
      return await StationBench.#open(options, cleanUp);
    } catch (error) {
      await inReverse(cleanUp);
      throw error;
    }
  }

  static async #open(options: StationBenchOptions, cleanUp: (() => unknown)[]): Promise<StationBench> {
    const folder = temporaryFolder();
    cleanUp.push(() => folder[Symbol.dispose]());
    const file: FilePath = (name) => folder.file(name);
    const ledgerPath = `${options.folder ?? folder.path}/ledger.sqlite`;
    writeFileSync(file('boot.bin'), bootImage);
    writeFileSync(file('second.bin'), secondImage);
    writeFileSync(file('job.yaml'), options.jobText ?? usualJob);
    options.arrange?.(file);
    const broker = await startEmbeddedBroker();
    cleanUp.push(() => broker.close());
    const consumer = await startListener(broker.url);
    cleanUp.push(() => consumer[Symbol.asyncDispose]());
    const usual = { nests: options.nests ?? 1, speed: 'fast', clock: systemClock } as const;
    const bench = await SimulatedBench.open({ ...usual, ...options.wiring });
    cleanUp.push(() => bench[Symbol.asyncDispose]());
    options.beforeStart?.(bench);
    const setup: StationSetup = {
      station: { id: 'bench', line: 'l1' },
      simulated: true,
      software: '0.0.0',
      nests: bench.nests.map(({ number, portPath, lines }) => ({
        id: number,
        port: portPath,
        baud: 921_600,
        lines: { ...lines, ready: null },
        stuckAfterMs: 5_000,
      })),
      faultLamp: bench.faultLamp,
      estop: options.estop === true ? bench.estopLine : null,
      ledgerPath,
      mqtt: { url: (await options.through?.(broker)) ?? broker.url, protocol: '3.1.1', baseTopic },
      loadJob: () => loadJob(file('job.yaml')),
      approved: null,
    };
    const drivers = {
      lines: bench.lines,
      openLink: nodeSerialLinks(systemClock),
      clock: systemClock,
      log: silentLogger(),
    };
    const station = await startStation({ ...setup, ...options.setup?.(setup) }, drivers);
    cleanUp.push(() => station.stop());
    // Events, unlike results, are for those who are there: what happens before the connection stands is not told.
    await consumer.until((heard) => heard.some(({ topic }) => topic === `${baseTopic}/status`));
    return new StationBench({ bench, station, consumer, ledgerPath, file }, cleanUp);
  }

  private constructor(
    parts: Pick<StationBench, 'bench' | 'station' | 'consumer' | 'ledgerPath' | 'file'>,
    cleanUp: readonly (() => unknown)[],
  ) {
    this.bench = parts.bench;
    this.station = parts.station;
    this.consumer = parts.consumer;
    this.ledgerPath = parts.ledgerPath;
    this.file = parts.file;
    this.#cleanUp = cleanUp;
    parts.station.events.subscribe((event) => void this.events.push(event));
  }

  nest(number = 1): BenchNest {
    return this.bench.nest(number);
  }

  /** Puts a module in, in the place of the one that is there; each has a MAC of its own. */
  insert(options: Partial<ChipOptions> = {}, nest = 1): SimulatedChip {
    this.#modules += 1;
    const efuses = efusesForMac(`5c:cf:7f:00:00:${String(this.#modules).padStart(2, '0')}`);
    const chip = new SimulatedChip({ clock: systemClock, speed: 'fast', flash: w25q32, efuses, ...options });
    this.nest(nest).remove();
    this.nest(nest).insert(chip);
    return chip;
  }

  /** A finger on the button, and off again. */
  async press(nest = 1): Promise<void> {
    this.nest(nest).press();
    await systemClock.sleep(bounceMs);
    this.nest(nest).release();
    await systemClock.sleep(bounceMs);
  }

  /** Presses and waits for the result. @throws Error when the start is refused */
  async run(nest = 1): Promise<RunResult> {
    const ended = new Promise<RunResult>((resolve, reject) => {
      const watch = this.station.events.subscribe((event) => {
        const refused = event.kind === 'notice' && event.notice.kind === 'blocked-start' && event.notice.nest === nest;
        if (event.kind === 'runResult' && event.result.nest === nest) resolve(event.result);
        else if (refused) reject(new Error(`The start was refused: ${event.notice.code} ${event.notice.detail}`));
        else return;
        watch[Symbol.dispose]();
      });
    });
    const [result] = await Promise.all([ended, this.press(nest)]);
    return result;
  }

  /** The next event of a kind that fits. */
  next<Kind extends StationEvent['kind']>(
    kind: Kind,
    fits: (event: Extract<StationEvent, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<StationEvent, { kind: Kind }>> {
    return new Promise((resolve) => {
      const watch = this.station.events.subscribe((event) => {
        if (!isKind(event, kind) || !fits(event)) return;
        watch[Symbol.dispose]();
        resolve(event);
      });
    });
  }

  /** Calls back, once, inside the event, as soon as a part of the image has been written. */
  inMidWrite(act: (state: NestState) => void): void {
    void this.next('nestState', ({ state }) => {
      const writing = state.progress !== null && state.progress > 0;
      if (writing) act(state);
      return writing;
    });
  }

  /** The results that the consumer has received, once there are this many. */
  async received(count: number): Promise<RunResult[]> {
    const on = (): unknown[] => this.consumer.on(`${baseTopic}/run/result`);
    await this.consumer.until(() => on().length >= count);
    return on() as RunResult[];
  }

  /** The bodies of the events of a kind that the consumer has received, once there are this many. */
  async told(kind: string, count = 1): Promise<Listener['heard'][number]['body'][]> {
    const on = (): Listener['heard'][number]['body'][] => this.consumer.on(`${baseTopic}/event/${kind}`);
    await this.consumer.until(() => on().length >= count);
    return on();
  }

  /** Levels of RST and GPIO0, and which lamps are lit. */
  outputs(nest = 1): { readonly rst: string; readonly gpio0: string; readonly lit: readonly string[] } {
    const at = this.nest(nest);
    return { rst: at.wire('rst').level, gpio0: at.wire('gpio0').level, lit: lit(at) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await inReverse(this.#cleanUp);
  }
}

/** The names of the lamps that are lit. */
export function lit(nest: BenchNest): readonly string[] {
  return Object.entries(nest.lamps()).flatMap(([name, on]) => (on ? [name] : []));
}

/** The lamps that are lit next, one after the other: red and yellow in turn when there is no verdict. */
export async function alternates(nest: BenchNest): Promise<readonly string[]> {
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    const watch = nest.onLamp((lamp, on) => {
      if (on) seen.push(lamp);
      if (seen.length < 3) return;
      watch[Symbol.dispose]();
      resolve();
    });
  });
  return seen;
}

function isKind<Kind extends StationEvent['kind']>(
  event: StationEvent,
  kind: Kind,
): event is Extract<StationEvent, { kind: Kind }> {
  return event.kind === kind;
}

async function inReverse(steps: readonly (() => unknown)[]): Promise<void> {
  for (const step of steps.toReversed()) await step();
}
