import type { Clock } from '../../foundation/clock.ts';
import type { LineSpec } from '../../gpio/line.ts';
import { benchDebounceMs, byName, electrical, lineNames } from './bench-lines.ts';
import type { BenchNestLines, BenchNestWiring, LineName } from './bench-lines.ts';
import type { SimulatedChip } from '../chip/chip.ts';
import type { LineWire } from './line-wire.ts';
import type { SimulatedLines } from './simulated-lines.ts';
import { WiredChip } from './wired-chip.ts';

export interface BenchNestOptions extends BenchNestWiring {
  readonly number: number;
  /** The symbolic link that names the port: it stays the same when the port is plugged in again. */
  readonly link: string;
  readonly lines: SimulatedLines;
  readonly speed: 'fast' | 'real';
  readonly clock: Clock;
}

/** One nest of the simulated bench: a port, a socket, a button, lamps and a buzzer; a switched supply and a sensor. */
export class BenchNest implements Disposable {
  readonly number: number;
  /** The path for the station's configuration. */
  readonly portPath: string;
  /** BCM numbers count on from nest to nest, also beyond a real header. */
  readonly lines: BenchNestLines;
  readonly #wires: Readonly<Record<LineName, LineWire>>;
  readonly #watches: readonly Disposable[];
  readonly #wired: WiredChip<SimulatedChip>;
  readonly #hasSensor: boolean;
  #lidOpen = false;

  static async open(options: BenchNestOptions): Promise<BenchNest> {
    return new BenchNest(options, await WiredChip.open<SimulatedChip>(options));
  }

  private constructor(options: BenchNestOptions, wired: WiredChip<SimulatedChip>) {
    this.number = options.number;
    this.portPath = options.link;
    this.#wired = wired;
    const { power = false, present = false } = options;
    const first = (options.number - 1) * lineNames.length;
    const specs = byName((name, index): LineSpec => ({ bcm: first + index, ...electrical[name] }));
    this.lines = {
      ...specs,
      button: { ...specs.button, debounceMs: benchDebounceMs },
      power: power ? specs.power : null,
      present: present ? { ...specs.present, debounceMs: benchDebounceMs } : null,
    };
    this.#wires = byName((name) => options.lines.wire(specs[name].bcm, specs[name].active === 'low' ? 'high' : 'low'));
    this.#hasSensor = present;
    wired.setPower(!power);
    this.#watches = [
      this.#wires.power.onChange((level) => {
        if (power) this.#wired.setPower(level === 'high');
      }),
      this.#wires.rst.onChange((level) => {
        this.#wired.setReset(level === 'low');
      }),
      this.#wires.gpio0.onChange((level) => {
        this.#wired.setGpio0(level === 'low');
      }),
    ];
  }

  get chip(): SimulatedChip | null {
    return this.#wired.chip;
  }

  /** Puts a module into the nest; it gets power, if there is any, and sees the levels of the lines as they are now. */
  insert(chip: SimulatedChip): void {
    this.#wired.insert(chip);
    this.#sense();
  }

  /** Takes the module out; nothing happens when there is none. */
  remove(): void {
    this.#wired.remove();
    this.#sense();
  }

  /** The sensor sees no module any more, which stays on its contacts. @throws Error when the nest has no sensor */
  openLid(): void {
    this.#moveLid(true);
  }

  /** @throws Error when the nest has no sensor */
  closeLid(): void {
    this.#moveLid(false);
  }

  press(): void {
    this.#wires.button.pull('low');
  }

  release(): void {
    this.#wires.button.pull(null);
  }

  /** Presses or releases with a contact that bounces this many times before it stays. */
  bounce(times: number, pressed = true): void {
    for (let count = 0; count < times; count += 1) {
      this.#wires.button.pull('low');
      this.#wires.button.pull(null);
    }
    if (pressed) this.press();
  }

  lamps(): { readonly pass: boolean; readonly fail: boolean; readonly busy: boolean; readonly ready: boolean } {
    const { pass, fail, busy, ready } = this.#wires;
    return { pass: isHigh(pass), fail: isHigh(fail), busy: isHigh(busy), ready: isHigh(ready) };
  }

  /** Calls back after each change of a lamp. */
  onLamp(listener: (lamp: 'pass' | 'fail' | 'busy' | 'ready', lit: boolean) => void): Disposable {
    const watches = (['pass', 'fail', 'busy', 'ready'] as const).map((lamp) =>
      this.#wires[lamp].onChange((level) => {
        listener(lamp, level === 'high');
      }),
    );
    return disposeAll(watches);
  }

  /** The wire at one of the nest's lines, for tests that short it or watch it. */
  wire(name: LineName): LineWire {
    return this.#wires[name];
  }

  /** The port vanishes, also for who has it open; the module stays in the nest and keeps its power. */
  unplugPort(): void {
    this.#wired.unplug();
  }

  /** The port comes back under the same path. @throws StationError S04 when the system gives no pseudo-terminal */
  replugPort(): Promise<void> {
    return this.#wired.plugIn();
  }

  /** Takes the module out and closes the port. */
  [Symbol.dispose](): void {
    for (const watch of this.#watches) watch[Symbol.dispose]();
    this.#wired[Symbol.dispose]();
  }

  #moveLid(open: boolean): void {
    if (!this.#hasSensor) throw new Error('This nest has no sensor: open the bench with present: true.');
    this.#lidOpen = open;
    this.#sense();
  }

  #sense(): void {
    if (this.#hasSensor) this.#wires.present.pull(this.chip !== null && !this.#lidOpen ? 'low' : null);
  }
}

function isHigh(wire: LineWire): boolean {
  return wire.level === 'high';
}

function disposeAll(parts: readonly Disposable[]): Disposable {
  return {
    [Symbol.dispose]: () => {
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}
