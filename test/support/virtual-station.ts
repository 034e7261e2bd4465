import { startStation } from '../../src/daemon.ts';
import type { Station, StationSetup } from '../../src/daemon.ts';
import type { Job } from '../../src/firmware/job.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import type { LineSpec } from '../../src/gpio/line.ts';
import type { NestSetup } from '../../src/open-nest.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
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
  readonly setup?: Partial<StationSetup>;
  /** What is odd about the modules that are put in. */
  readonly chip?: (nest: number) => Partial<ChipOptions>;
}

/**
 * The whole station in virtual time: daemon, lines, ledger on disk, and one module at real speed in each nest, which
 * stays there.
 */
export class VirtualStation implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly told: Told[] = [];
  readonly #lines = new SimulatedLines();
  readonly #folder = temporaryFolder();
  readonly #options: VirtualStationOptions;
  readonly #sockets: readonly VirtualSocket<SimulatedChip>[];
  #station: Station | null = null;
  #inserted = 0;

  static async open(nests: number, job: Job, options: VirtualStationOptions = {}): Promise<VirtualStation> {
    await VirtualBench.prepare(job);
    const station = new VirtualStation(nests, options);
    await station.#start(job);
    return station;
  }

  private constructor(nests: number, options: VirtualStationOptions) {
    this.#options = options;
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

  /** Takes the module of a nest out: the next run on it is C01. */
  remove(nest: number): void {
    this.#sockets[nest - 1]?.remove();
  }

  /** Puts a new module in, in the place of the one that is there. */
  insert(nest: number): void {
    this.remove(nest);
    this.#inserted += 1;
    const efuses = efusesForMac(`5c:cf:7f:00:01:${String(this.#inserted).padStart(2, '0')}`);
    this.#sockets[nest - 1]?.insert(
      new SimulatedChip({ clock: this.clock, speed: 'real', flash: w25q32, efuses, ...this.#options.chip?.(nest) }),
    );
  }

  /** Presses the button of a nest and waits until it is at rest again. */
  async press(nest: number): Promise<void> {
    this.button(nest).pull('low');
    await this.elapse(100);
    this.button(nest).pull(null);
    await this.elapse(100);
    while (this.#isRunning(nest)) await this.elapse(100);
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

  #isRunning(nest: number): boolean {
    const state = this.station.nests[nest - 1]?.state.name ?? 'ready';
    return ['opening', 'running', 'closing'].includes(state);
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
        ledgerPath: this.#folder.file('ledger.sqlite'),
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
          return socket.open(socket.portPath, baud, signal);
        },
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
