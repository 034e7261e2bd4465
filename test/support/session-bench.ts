import { esp8266 } from '../../src/chips/esp8266.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { BootCheck, Job } from '../../src/firmware/job.ts';
import type { OutputLine } from '../../src/gpio/line.ts';
import type { ModuleIdentity, RunReport } from '../../src/nest/run/outcome.ts';
import { identifyModule } from '../../src/nest/session/identify-module.ts';
import type { LinkMemory } from '../../src/nest/module/link-memory.ts';
import { programModule } from '../../src/nest/session/programming-session.ts';
import type { SessionHooks } from '../../src/nest/session/programming-session.ts';
import { nodeSerialLinks } from '../../src/serial/node-serial-link.ts';
import { SimulatedBench } from '../../src/simulator/bench/bench.ts';
import type { BenchNest } from '../../src/simulator/bench/bench-nest.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { bootableImage } from './bench-job.ts';
import { noisyBytes } from './regions.ts';

export const mac = '5c:cf:7f:a4:f1:5c';
export const image = bootableImage(60_000);
export const table = noisyBytes(4_096, 9);
export const regions = [
  [0, image],
  [0x3fc000, table],
] as const;
export const application = {
  regions: regions.map(([address, data]) => ({ address, data })),
  banner: '\r\n\r\nNodeMCU 2.3.1 build 7\r\nready\r\n',
  baud: 115_200,
};
export const banner: BootCheck = {
  baud: 115_200,
  expect: /NodeMCU (\S+)/,
  version: null,
  forbid: /rf_cal/,
  fail: null,
  dialogue: [],
  withinMs: 3_000,
};
/** A module without delays prints its banner before the station can change to the banner's rate. */
export const inRealTime = { speed: 'real' } as const;

const parts = { openLink: nodeSerialLinks(systemClock), clock: systemClock, log: silentLogger() };

export interface SessionRun {
  readonly report: RunReport;
  readonly phases: string[];
  readonly shares: number[];
  readonly identities: ModuleIdentity[];
}

export interface SessionRunOptions {
  readonly reset?: 'lines' | 'none';
  readonly baud?: number;
  readonly memory?: LinkMemory;
  readonly hooks?: Partial<SessionHooks>;
  readonly signal?: AbortSignal;
}

/** One nest of the simulated bench with its lines open, and sessions on it. */
export class SessionBench implements AsyncDisposable {
  readonly nest: BenchNest;
  readonly #bench: SimulatedBench;
  readonly #rst: OutputLine;
  readonly #gpio0: OutputLine;

  static async open(): Promise<SessionBench> {
    const bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
    const { lines } = bench.nest(1);
    const rst = await bench.lines.openOutput(lines.rst, 'nest 1 rst');
    return new SessionBench(bench, rst, await bench.lines.openOutput(lines.gpio0, 'nest 1 gpio0'));
  }

  private constructor(bench: SimulatedBench, rst: OutputLine, gpio0: OutputLine) {
    this.#bench = bench;
    this.nest = bench.nest(1);
    this.#rst = rst;
    this.#gpio0 = gpio0;
  }

  insert(options: Partial<ChipOptions> = {}): SimulatedChip {
    const usual = { clock: systemClock, speed: 'fast', flash: w25q32, efuses: efusesForMac(mac), application } as const;
    const chip = new SimulatedChip({ ...usual, ...options });
    this.nest.insert(chip);
    return chip;
  }

  /** By hand, as somebody without lines would. */
  enterFlashMode(): void {
    this.#gpio0.set(true);
    this.#rst.set(true);
    this.#rst.set(false);
    this.#gpio0.set(false);
  }

  async run(job: Job, options: SessionRunOptions = {}): Promise<SessionRun> {
    const phases: string[] = [];
    const shares: number[] = [];
    const identities: ModuleIdentity[] = [];
    const hooks: SessionHooks = {
      phase: (phase) => void phases.push(phase),
      progress: (share) => void shares.push(share),
      identified: (identity) => void identities.push(identity),
      ...options.hooks,
    };
    const reset = options.reset === 'none' ? ({ kind: 'none' } as const) : this.#lines;
    const request = {
      port: this.nest.portPath,
      baud: options.baud ?? 921_600,
      reset,
      job,
      ...(options.memory === undefined ? {} : { memory: options.memory }),
    };
    const report = await programModule(parts, request, hooks, options.signal ?? new AbortController().signal);
    return { report, phases, shares, identities };
  }

  identify(): Promise<ModuleIdentity> {
    const target = { port: this.nest.portPath, reset: this.#lines, chip: esp8266 };
    return identifyModule(parts, target, new AbortController().signal);
  }

  /** Levels of RST and GPIO0. */
  levels(): readonly string[] {
    return [this.nest.wire('rst').level, this.nest.wire('gpio0').level];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench[Symbol.asyncDispose]();
  }

  get #lines() {
    return { kind: 'lines', rst: this.#rst, gpio0: this.#gpio0 } as const;
  }
}

/** True when the flash of the module has all regions of the usual job. */
export function flashHolds(chip: SimulatedChip): boolean {
  return regions.every(([address, data]) => Buffer.compare(chip.flash.read(address, data.length), data) === 0);
}
