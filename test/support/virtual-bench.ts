import { getEventListeners } from 'node:events';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { Job } from '../../src/firmware/job.ts';
import type { LinkMemory } from '../../src/nest/module/link-memory.ts';
import type { ModuleIdentity, RunPhase, RunReport } from '../../src/nest/run/outcome.ts';
import { wireModule } from '../../src/nest/supply/module-wiring.ts';
import type { ModuleWiring } from '../../src/nest/supply/module-wiring.ts';
import { PowerTurns } from '../../src/nest/supply/power-turns.ts';
import { programModule } from '../../src/nest/session/programming-session.ts';
import type { SessionHooks } from '../../src/nest/session/programming-session.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { CountingClock } from './counting-clock.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualSocket } from './virtual-socket.ts';
import { driveVirtualTime } from './virtual-time.ts';

export const virtualMac = '5c:cf:7f:a4:f1:5c';

/** A chip, and its address where the efuses are not given. */
export type VirtualModule = Partial<ChipOptions> & { readonly mac?: string };

export interface VirtualRunOptions {
  readonly reset?: 'lines' | 'none';
  readonly baud?: number;
  /** What the nest remembers of its link; default: nothing. */
  readonly memory?: LinkMemory;
  readonly hooks?: Partial<SessionHooks>;
  /** Default: one that never aborts. */
  readonly signal?: AbortSignal;
  /** Something that happens so many ms after the start, or when a phase begins. */
  readonly events?: readonly VirtualEvent[];
  /** Virtual time after which the session counts as hanging; default 10 minutes. */
  readonly limitMs?: number;
}

export type VirtualEvent = { readonly at: number | RunPhase; readonly afterMs?: number; readonly do: () => void };

export interface VirtualRun {
  readonly report: RunReport;
  /** Virtual time from the start of the session to its end. */
  readonly ms: number;
  readonly phases: readonly RunPhase[];
  readonly shares: readonly number[];
  readonly identities: readonly ModuleIdentity[];
  /** What the session has left behind; every number has to be 0. */
  readonly leaks: {
    readonly listeners: number;
    readonly timers: number;
    readonly links: number;
    readonly drivenLines: number;
  };
}

export const noLeaks: VirtualRun['leaks'] = { listeners: 0, timers: 0, links: 0, drivenLines: 0 };

const prepared = new WeakSet<Job>();

/** Whole sessions on one nest in virtual time: the chip, the wire and the station share one clock. */
export class VirtualBench {
  readonly clock = new VirtualClock();
  readonly socket: VirtualSocket<SimulatedChip>;
  /** Reset and supply of the nest, the same for every session. */
  readonly wired: ModuleWiring;
  /** What was told of lines that do not obey when the supply goes. */
  readonly failures: unknown[] = [];
  readonly #supplyClock = new CountingClock(this.clock);

  /** The address that the module in the nest was made with. */
  mac = virtualMac;

  /** @param supply switched: the nest has a power line, and feeds its module only during a session */
  constructor(supply: 'constant' | 'switched' = 'constant') {
    const { clock } = this;
    this.socket = new VirtualSocket(clock, supply);
    const { rst, gpio0, power } = this.socket;
    const lines = { straps: { rst, gpio0 }, power: supply === 'switched' ? power : null };
    const failed = (error: unknown): unknown => this.failures.push(error);
    this.wired = wireModule(lines, { clock: this.#supplyClock, turns: new PowerTurns(this.#supplyClock), failed });
  }

  /** Puts a module into the nest, by default a W25Q32 module at real speed. */
  insert({ mac = virtualMac, ...options }: VirtualModule = {}): SimulatedChip {
    this.mac = mac;
    const efuses = efusesForMac(mac);
    const chip = new SimulatedChip({ clock: this.clock, speed: 'real', flash: w25q32, efuses, ...options });
    this.socket.insert(chip);
    return chip;
  }

  /** Takes out what is in the nest and puts another module in. */
  replace(options: VirtualModule = {}): SimulatedChip {
    this.remove();
    return this.insert(options);
  }

  remove(): void {
    this.socket.remove();
  }

  /** By hand, as somebody without lines would: RST and GPIO0 to ground, then RST released first. */
  enterFlashMode(): void {
    const { rst, gpio0 } = this.socket;
    gpio0.set(true);
    rst.set(true);
    this.clock.advance(10);
    rst.set(false);
    this.clock.advance(100);
    gpio0.set(false);
  }

  /** One session. @throws Error when it hangs or rejects */
  async run(job: Job, options: VirtualRunOptions = {}): Promise<VirtualRun> {
    await prepare(job);
    return this.#run(job, options);
  }

  async #run(job: Job, options: VirtualRunOptions): Promise<VirtualRun> {
    const { socket, clock } = this;
    const { baud = 921_600, limitMs = 600_000, events = [], signal = new AbortController().signal } = options;
    const phases: RunPhase[] = [];
    const shares: number[] = [];
    const identities: ModuleIdentity[] = [];
    const cancels: (() => void)[] = [];
    const schedule = (event: VirtualEvent, ms: number): void => void cancels.push(clock.after(ms, event.do));
    for (const event of events) if (typeof event.at === 'number') schedule(event, event.at + (event.afterMs ?? 0));
    const hooks: SessionHooks = {
      phase: (phase) => {
        phases.push(phase);
        for (const event of events) if (event.at === phase) schedule(event, event.afterMs ?? 0);
      },
      progress: (share) => void shares.push(share),
      identified: (identity) => void identities.push(identity),
      ...options.hooks,
    };
    const sessionClock = new CountingClock(clock);
    const parts = { openLink: socket.open, clock: sessionClock, log: silentLogger() };
    const { supply } = this.wired;
    const reset = options.reset === 'none' ? ({ kind: 'none' } as const) : this.wired.reset;
    const memory = options.memory === undefined ? {} : { memory: options.memory };
    const startMs = clock.monotonic();
    const session = programModule(parts, { port: socket.portPath, baud, reset, supply, job, ...memory }, hooks, signal);
    const report = await driveVirtualTime(clock, session, limitMs);
    const ms = clock.monotonic() - startMs;
    for (const cancel of cancels) cancel();
    const leaks = {
      listeners: getEventListeners(signal, 'abort').length,
      timers: sessionClock.pending + this.#supplyClock.pending,
      links: socket.isOpen ? 1 : 0,
      drivenLines: [socket.rst, socket.gpio0, socket.power].filter((line) => line.active).length,
    };
    return { report, ms, phases, shares, identities, leaks };
  }

  /** What a session makes once for every job (compressed blocks) takes real time: it is made beforehand. */
  static async prepare(job: Job): Promise<void> {
    if (prepared.has(job)) return;
    prepared.add(job);
    const bench = new VirtualBench();
    const chip = bench.insert({ speed: 'fast' });
    await bench.#run(job, {});
    chip.dispose();
  }
}

function prepare(job: Job): Promise<void> {
  return VirtualBench.prepare(job);
}

/** True when the flash holds every region of the job. */
export function holdsJob(chip: SimulatedChip, job: Job): boolean {
  return job
    .regionsFor(chip.flash.bytes)
    .every(({ address, data }) => Buffer.compare(chip.flash.read(address, data.length), data) === 0);
}
