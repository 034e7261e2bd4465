import { cpSync } from 'node:fs';
import { dirname } from 'node:path';
import { startStation } from '../../src/daemon.ts';
import type { Station } from '../../src/daemon.ts';
import type { StationSetup } from '../../src/daemon/station-setup.ts';
import type { Job } from '../../src/firmware/job.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import type { ShownState } from '../../src/nest/run/run.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import { openFault } from '../../src/serial/port-faults.ts';
import type { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { LineWire } from '../../src/simulator/bench/line-wire.ts';
import { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import type { ChipOnWires } from '../../src/simulator/bench/wired-chip.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { BootClock } from './boot-clock.ts';
import { GreenWatch } from './green-watch.ts';
import { VirtualBench } from './virtual-bench.ts';
import { VirtualClock } from './virtual-clock.ts';
import { stationModule, VirtualStationNest, virtualNestSetup } from './virtual-station-nest.ts';
import type { ModuleOptions } from './virtual-station-nest.ts';
import type { Told, VirtualStationOptions } from './virtual-station-options.ts';
import { driveVirtualTime, holdVirtualTime } from './virtual-time.ts';

export type { VirtualStationOptions } from './virtual-station-options.ts';

/** One start of the station: what ends with its power. */
interface Boot {
  readonly clock: BootClock;
  readonly lines: SimulatedLines;
  readonly nests: readonly VirtualStationNest[];
  readonly ledgerPath: string;
}

/**
 * The whole station in virtual time: daemon, lines, ledger on disk, and modules at real speed. It can be stopped and
 * started, and its power can be cut at any moment. No test needs to ask whether a green lamp was right: every one that
 * was lit is compared with the ledger and with the module, and a wrong one fails the test at its end.
 */
export class VirtualStation implements AsyncDisposable {
  readonly clock: VirtualClock;
  readonly told: Told[] = [];
  readonly greens = new GreenWatch();
  readonly #job: Job;
  readonly #options: VirtualStationOptions;
  readonly #folders = [temporaryFolder()];
  #boot: Boot;
  #inserted = 0;
  #station: Station | null = null;

  static async open(nests: number, job: Job, options: VirtualStationOptions = {}): Promise<VirtualStation> {
    const virtual = new VirtualStation(nests, job, options);
    const { module = () => ({}) } = options;
    for (let nest = 1; nest <= nests; nest += 1) {
      const made = module(nest);
      if (made !== null) virtual.insert(nest, { mac: `5c:cf:7f:00:00:${String(nest).padStart(2, '0')}`, ...made });
    }
    await virtual.start();
    return virtual;
  }

  private constructor(nests: number, job: Job, options: VirtualStationOptions) {
    this.#job = job;
    this.#options = options;
    this.clock = options.clock ?? new VirtualClock();
    const folder = options.folder ?? this.#folders[0]?.path ?? '';
    this.#boot = this.#powerUp(nests, `${folder}/ledger.sqlite`);
  }

  get station(): Station {
    if (this.#station === null) throw new Error('The station has not started.');
    return this.#station;
  }

  /** The station has started and its power was not cut since. */
  get isUp(): boolean {
    return this.#station !== null;
  }

  get ledgerPath(): string {
    return this.#boot.ledgerPath;
  }

  get nests(): readonly VirtualStationNest[] {
    return this.#boot.nests;
  }

  get lines(): SimulatedLines {
    return this.#boot.lines;
  }

  nest(number: number): VirtualStationNest {
    const nest = this.nests[number - 1];
    if (nest === undefined) throw new Error(`There is no nest ${number}.`);
    return nest;
  }

  /** What a nest shows. */
  state(nest: number): ShownState {
    const found = this.station.nests[nest - 1];
    if (found === undefined) throw new Error(`There is no nest ${nest}.`);
    return found.state;
  }

  /** The results that were told, in their order. */
  results(): RunResult[] {
    return this.told.flatMap(({ event }) => (event.kind === 'runResult' ? [event.result] : []));
  }

  /** The wire at the button of a nest; low is pressed. */
  button(nest: number): LineWire {
    return this.nest(nest).button;
  }

  /** Puts a module in, in the place of what is there; with a MAC of its own unless one is given. */
  insert(nest: number, module: ModuleOptions = {}): SimulatedChip {
    this.#inserted += 1;
    const mac = `5c:cf:7f:00:01:${String(this.#inserted).padStart(2, '0')}`;
    const chip = stationModule(this.clock, { mac, ...module });
    this.put(nest, chip);
    return chip;
  }

  /** Puts something in that need not be a module, in the place of what is there. */
  put(nest: number, chip: ChipOnWires): void {
    if (this.nest(nest).socket.chip !== null) this.nest(nest).remove();
    this.nest(nest).insert(chip);
  }

  /** Lets so much time pass. */
  async elapse(ms: number): Promise<void> {
    await driveVirtualTime(this.clock, this.clock.sleep(ms), ms + 1);
  }

  /** Lets time pass until this is settled. */
  drive<T>(work: Promise<T>, limitMs = 600_000): Promise<T> {
    return driveVirtualTime(this.clock, work, limitMs);
  }

  /** Calls back inside each event of this start of the station. */
  listen(heard: (event: StationEvent) => void): Disposable {
    const { clock } = this.#boot;
    return this.station.events.subscribe((event) => {
      if (!clock.dead) heard(event);
    });
  }

  /** Starts the station; after a stop or a power cut on what that left behind. @throws what the station throws */
  async start(): Promise<void> {
    const { lines, clock, nests, ledgerPath } = this.#boot;
    this.#options.beforeStart?.(this);
    const setup: StationSetup = {
      station: { id: 'virtual', line: null },
      simulated: true,
      software: '0.0.0',
      nests: nests.map(({ number }) => virtualNestSetup(number, this.#options.sensor === true)),
      faultLamp: null,
      estop: null,
      ledgerPath,
      mqtt: null,
      loadJob: () => Promise.resolve(this.#job),
      approved: null,
    };
    const changed = { ...setup, ...this.#options.setup?.(setup) };
    const { loadJob } = changed;
    const starting = startStation(
      {
        ...changed,
        loadJob: async (name) => {
          const job = await loadJob(name);
          await holdVirtualTime(this.clock, () => VirtualBench.prepare(job));
          return job;
        },
      },
      {
        lines,
        clock,
        log: silentLogger(),
        openLink: (path, baud, signal) => {
          const nest = nests[Number(path.slice('/dev/nest-'.length)) - 1];
          if (nest === undefined) throw openFault(path, new Error('No such file or directory'));
          return this.#options.openLink?.(path) ?? nest.socket.open(nest.socket.portPath, baud, signal);
        },
        ...this.#options.drivers,
      },
    );
    const station = await this.drive(starting, 60_000);
    this.#station = station;
    if (this.#options.remember !== false) {
      this.listen((event) => void this.told.push({ atMs: this.clock.monotonic(), event }));
    }
    for (const nest of nests) this.greens.watch(nest, station);
  }

  /** An orderly end; the modules stay where they are. */
  async stop(): Promise<void> {
    await this.drive(this.station.stop(), 60_000);
    this.#station = null;
    this.#replace(this.ledgerPath);
  }

  /**
   * The power of the station and its modules is gone at this moment, also in the middle of an event. What the ledger
   * has committed is there at the next start, and nothing else.
   */
  cutPower(): void {
    const { clock, ledgerPath } = this.#boot;
    clock.die();
    const folder = temporaryFolder();
    this.#folders.push(folder);
    // Neither the lock, which the kernel takes away with the process, nor what only makes things faster or big.
    const stays = (path: string): boolean => !/\.(ballast|lock)$|-shm$/.test(path);
    cpSync(dirname(ledgerPath), folder.path, { recursive: true, filter: stays });
    this.station.ledger.close();
    this.#station = null;
    this.#replace(folder.file('ledger.sqlite'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#station !== null) await this.stop();
    for (const nest of this.nests) nest[Symbol.dispose]();
    for (const folder of this.#folders) folder[Symbol.dispose]();
    this.greens.assertRight();
  }

  /** New lines and sockets for the next start, with the same modules in them. */
  #replace(ledgerPath: string): void {
    const { nests } = this.#boot;
    const chips = nests.map(({ socket }) => socket.chip);
    for (const nest of nests) nest[Symbol.dispose]();
    this.#boot = this.#powerUp(nests.length, ledgerPath);
    for (const [index, chip] of chips.entries()) if (chip !== null) this.nests[index]?.insert(chip);
  }

  #powerUp(nests: number, ledgerPath: string): Boot {
    const lines = new SimulatedLines();
    const numbers = Array.from({ length: nests }, (_, index) => index + 1);
    return {
      clock: new BootClock(this.clock),
      lines,
      nests: numbers.map((number) => new VirtualStationNest(number, lines, this.clock)),
      ledgerPath,
    };
  }
}
