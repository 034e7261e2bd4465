import type { LampName } from '../../src/nest/lamps/lamp-patterns.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { SimulatedChip } from '../../src/simulator/chip/chip.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import type { LineWire } from '../../src/simulator/bench/line-wire.ts';
import type { SimulatedLines } from '../../src/simulator/bench/simulated-lines.ts';
import type { LineSpec } from '../../src/gpio/line.ts';
import type { NestSetup } from '../../src/daemon/open-nest.ts';
import type { ChipOnWires } from '../../src/simulator/bench/wired-chip.ts';
import { LampWatch } from './lamp-watch.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualSocket } from './virtual-socket.ts';

const low = { active: 'low', drive: 'open-drain' } as const;
const high = { active: 'high', drive: 'push-pull' } as const;
const names = ['gpio0', 'rst', 'button', 'pass', 'fail', 'busy', 'present'] as const;
const linesPerNest = 10;
type LineName = (typeof names)[number];

/** A module as a test describes it: what is left out is that of a good, blank one. */
export type ModuleOptions = Partial<Omit<ChipOptions, 'clock'>> & { readonly mac?: string };

export function stationModule(
  clock: VirtualClock,
  { mac = '5c:cf:7f:00:00:01', ...options }: ModuleOptions,
): SimulatedChip {
  return new SimulatedChip({ clock, speed: 'real', flash: w25q32, efuses: efusesForMac(mac), ...options });
}

/** One nest of a station in virtual time, from its power-up to its power cut: button, lamps, sensor, socket. */
export class VirtualStationNest implements Disposable {
  readonly number: number;
  readonly socket: VirtualSocket<ChipOnWires>;
  readonly lamps: LampWatch;
  readonly #lines: SimulatedLines;
  #lidOpen = false;

  constructor(number: number, lines: SimulatedLines, clock: VirtualClock) {
    this.number = number;
    this.#lines = lines;
    this.socket = new VirtualSocket(clock);
    for (const name of ['rst', 'gpio0'] as const) {
      const wire = lines.wire(bcmOf(number, name), 'high');
      wire.onChange((level) => this.socket[name].set(level === 'low'));
    }
    this.lamps = new LampWatch(
      new Map((['pass', 'fail', 'busy'] as const).map((lamp): [LampName, LineWire] => [lamp, this.#lamp(lamp)])),
      clock,
    );
  }

  /** The wire at the button; low is pressed. */
  get button(): LineWire {
    return this.wire('button');
  }

  wire(name: LineName): LineWire {
    return this.#lines.wire(bcmOf(this.number, name));
  }

  insert(chip: ChipOnWires): void {
    this.socket.insert(chip);
    this.#sense();
  }

  remove(): void {
    this.socket.remove();
    this.#sense();
  }

  /** The lid; a nest with a sensor says no module while it is open. */
  set lidOpen(open: boolean) {
    this.#lidOpen = open;
    this.#sense();
  }

  [Symbol.dispose](): void {
    this.lamps[Symbol.dispose]();
    this.socket.remove();
  }

  #lamp(name: 'pass' | 'fail' | 'busy'): LineWire {
    return this.#lines.wire(bcmOf(this.number, name), 'low');
  }

  #sense(): void {
    const present = this.socket.chip !== null && !this.#lidOpen;
    this.wire('present').pull(present ? 'low' : null);
  }
}

function bcmOf(nest: number, name: LineName): number {
  return nest * linesPerNest + names.indexOf(name);
}

/** How the nest is wired. @param sensor it has one for module and lid */
export function virtualNestSetup(nest: number, sensor: boolean): NestSetup {
  const spec = (name: LineName, rest: Omit<LineSpec, 'bcm'>): LineSpec => ({ bcm: bcmOf(nest, name), ...rest });
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
      present: sensor ? { ...spec('present', low), debounceMs: 20 } : null,
    },
  };
}
