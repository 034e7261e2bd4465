import { startStation } from '../../src/daemon.ts';
import type { Station, StationDrivers, StationSetup } from '../../src/daemon.ts';
import type { Job } from '../../src/firmware/job.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { Logger } from '../../src/foundation/logger.ts';
import type { LineSpec } from '../../src/gpio/line.ts';
import type { NestSetup } from '../../src/open-nest.ts';
import type { RunResult } from '../../src/nest/run-result.ts';
import type { ShownState } from '../../src/nest/run.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import type { OpenSerialLink } from '../../src/serial/serial-link.ts';
import { openFault } from '../../src/serial/port-faults.ts';
import { SimulatedChip } from '../../src/simulator/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip-options.ts';
import { efusesForMac } from '../../src/simulator/efuses.ts';
import { w25q32 } from '../../src/simulator/flash-timing.ts';
import type { LineWire } from '../../src/simulator/line-wire.ts';
import { SimulatedLines } from '../../src/simulator/simulated-lines.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { VirtualBench } from './virtual-bench.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualSocket } from './virtual-socket.ts';
import { driveVirtualTime } from './virtual-time.ts';

const linesPerNest = 10;
const low = { active: 'low', drive: 'open-drain' } as const;
const high = { active: 'high', drive: 'push-pull' } as const;

/** Something that the station told, and when on the monotonic clock. */
export interface Told {
  readonly atMs: number;
  readonly event: StationEvent;
}

export interface VirtualStationOptions {
  /** Default: one of its own. */
  readonly clock?: VirtualClock;
  /** A folder that the caller keeps, for a station that is started again on the same ledger. */
  readonly folder?: string;
  readonly setup?: Partial<StationSetup>;
  /** What is odd about the modules that are put in. */
  readonly chip?: Partial<ChipOptions>;
  readonly drivers?: Pick<StationDrivers, 'isPortThere' | 'isClockSynced'> & { readonly log?: Logger };
  /** In the place of a nest's port, or what its opening throws; undefined: as usual. */
  readonly openLink?: (path: string) => ReturnType<OpenSerialLink> | undefined;
}

/**
 * The whole station in virtual time: daemon, lines, ledger on disk, and one module at real speed in each nest, which
 * stays there.
 */
export class VirtualStation implements AsyncDisposable {
  readonly clock: VirtualClock;
  readonly told: Told[] = [];
  readonly #lines = new SimulatedLines();
  readonly #folder = temporaryFolder();
  readonly #options: VirtualStationOptions;
  readonly #sockets: readonly VirtualSocket<SimulatedChip>[];
  #modules = 0;
  #station: Station | null = null;

  static async open(nests: number, job: Job, options: VirtualStationOptions = {}): Promise<VirtualStation> {
    await VirtualBench.prepare(job);
    const station = new VirtualStation(nests, options);
    await station.#start(job);
    return station;
  }

  private constructor(nests: number, options: VirtualStationOptions) {
    this.#options = options;
    this.clock = options.clock ?? new VirtualClock();
    this.#sockets = Array.from({ length: nests }, (_, index) => this.#socket(index + 1));
  }

  get station(): Station {
    if (this.#station === null) throw new Error('The station has not started.');
    return this.#station;
  }

  /** The wire at the button of a nest; low is pressed. */
  button(nest: number): LineWire {
    return this.#lines.wire(bcmOf(nest, 'button'));
  }

  /** What is around a nest. */
  socket(nest: number): VirtualSocket<SimulatedChip> {
    const socket = this.#sockets[nest - 1];
    if (socket === undefined) throw new Error(`There is no nest ${nest}.`);
    return socket;
  }

  /** What a nest shows. */
  state(nest: number): ShownState {
    const found = this.station.nests[nest - 1];
    if (found === undefined) throw new Error(`There is no nest ${nest}.`);
    return found.state;
  }

  /** Levels of the lamps that are lit. */
  lit(nest: number): readonly string[] {
    return (['pass', 'fail', 'busy'] as const).filter((name) => this.#lines.wire(bcmOf(nest, name)).level === 'high');
  }

  /** The wire at a strap of a nest. */
  strap(nest: number, name: 'rst' | 'gpio0'): LineWire {
    return this.#lines.wire(bcmOf(nest, name), 'high');
  }

  /** Puts another module in, with an address of its own or this one. */
  exchange(nest: number, mac?: string): void {
    this.#modules += 1;
    const efuses = efusesForMac(mac ?? `5c:cf:7f:00:01:${String(this.#modules).padStart(2, '0')}`);
    const socket = this.socket(nest);
    socket.remove();
    socket.insert(
      new SimulatedChip({ clock: this.clock, speed: 'real', flash: w25q32, efuses, ...this.#options.chip }),
    );
  }

  /** A finger on the button for 100 ms. */
  async press(nest: number): Promise<void> {
    this.button(nest).pull('low');
    await this.elapse(100);
    this.button(nest).pull(null);
    await this.elapse(30);
  }

  /** Presses, and lets time pass until the nest has nothing under way any more. */
  async run(nest: number): Promise<void> {
    await this.press(nest);
    await this.settled();
  }

  /** Lets time pass until no run is under way. */
  async settled(): Promise<void> {
    await this.drive(Promise.all(this.station.nests.map((nest) => nest.idle())));
  }

  /** Lets time pass until this is settled. */
  drive<T>(work: Promise<T>): Promise<T> {
    return driveVirtualTime(this.clock, work, 600_000);
  }

  /** The results that were told, in their order. */
  results(): RunResult[] {
    return this.told.flatMap(({ event }) => (event.kind === 'runResult' ? [event.result] : []));
  }

  /** Lets so much time pass. */
  async elapse(ms: number): Promise<void> {
    await driveVirtualTime(this.clock, this.clock.sleep(ms), ms + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await driveVirtualTime(this.clock, this.station.stop(), 60_000);
    for (const socket of this.#sockets) socket.remove();
    this.#folder[Symbol.dispose]();
  }

  async #start(job: Job): Promise<void> {
    const starting = startStation(
      {
        station: { id: 'virtual', line: null },
        simulated: true,
        software: '0.0.0',
        nests: this.#sockets.map((_, index) => setupOf(index + 1)),
        faultLamp: null,
        estop: null,
        ledgerPath: `${this.#options.folder ?? this.#folder.path}/ledger.sqlite`,
        mqtt: null,
        loadJob: () => Promise.resolve(job),
        approved: null,
        ...this.#options.setup,
      },
      {
        lines: this.#lines,
        clock: this.clock,
        log: silentLogger(),
        openLink: (path, baud, signal) => {
          const socket = this.#sockets[Number(path.slice('/dev/nest-'.length)) - 1];
          if (socket === undefined) throw openFault(path, new Error('No such file or directory'));
          const openOther = this.#options.openLink?.(path);
          return openOther ?? socket.open(socket.portPath, baud, signal);
        },
        ...this.#options.drivers,
      },
    );
    this.#station = await driveVirtualTime(this.clock, starting, 60_000);
    this.#station.events.subscribe((event) => void this.told.push({ atMs: this.clock.monotonic(), event }));
  }

  #socket(nest: number): VirtualSocket<SimulatedChip> {
    const socket = new VirtualSocket<SimulatedChip>(this.clock);
    const tie = (name: 'rst' | 'gpio0'): void => {
      const wire = this.#lines.wire(bcmOf(nest, name), 'high');
      wire.onChange((level) => socket[name].set(level === 'low'));
    };
    tie('rst');
    tie('gpio0');
    const efuses = efusesForMac(`5c:cf:7f:00:00:${String(nest).padStart(2, '0')}`);
    socket.insert(new SimulatedChip({ clock: this.clock, speed: 'real', flash: w25q32, efuses }));
    return socket;
  }
}

const names = ['gpio0', 'rst', 'button', 'pass', 'fail', 'busy'] as const;

function bcmOf(nest: number, name: (typeof names)[number]): number {
  return nest * linesPerNest + names.indexOf(name);
}

function setupOf(nest: number): NestSetup {
  const spec = (name: (typeof names)[number], rest: Omit<LineSpec, 'bcm'>): LineSpec => ({
    bcm: bcmOf(nest, name),
    ...rest,
  });
  return {
    id: nest,
    port: `/dev/nest-${nest}`,
    baud: 921_600,
    stuckAfterMs: 5_000,
    lines: {
      gpio0: spec('gpio0', low),
      rst: spec('rst', low),
      button: { ...spec('button', low), debounceMs: 20 },
      pass: spec('pass', high),
      fail: spec('fail', high),
      busy: spec('busy', high),
      ready: null,
      buzzer: null,
      power: null,
      present: null,
    },
  };
}
