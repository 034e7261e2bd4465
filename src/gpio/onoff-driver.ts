import type * as Onoff from 'onoff';
import type { BinaryValue, Gpio } from 'onoff';
import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import { systemClock } from '../foundation/system-clock.ts';
import type { InputLine, LineDriver, LineSpec, OutputLine } from './line.ts';
import { exportLine } from './sysfs-export.ts';
import { findHeaderChip, sysfsNumber } from './sysfs-numbering.ts';
import type { HeaderChip } from './sysfs-numbering.ts';

const sysfs = '/sys/class/gpio';

/** Opens the lines of the header through sysfs. @throws StationError S03 when the header chip is not found */
export async function openOnoffDriver(clock: Clock = systemClock): Promise<LineDriver> {
  const chip = await findHeaderChip(sysfs);
  const onoff = await loadOnoff();
  return new OnoffDriver(chip, onoff.Gpio, clock);
}

type GpioClass = (typeof Onoff)['Gpio'];

class OnoffDriver implements LineDriver {
  readonly description: string;
  readonly #chip: HeaderChip;
  readonly #Gpio: GpioClass;
  readonly #clock: Clock;
  readonly #open = new Map<number, { readonly use: string; readonly line: Disposable }>();

  constructor(chip: HeaderChip, gpio: GpioClass, clock: Clock) {
    this.description = `onoff on ${chip.label}, base ${chip.base}`;
    this.#chip = chip;
    this.#Gpio = gpio;
    this.#clock = clock;
  }

  async openOutput(spec: LineSpec, use: string): Promise<OutputLine> {
    const number = await this.#export(spec, use);
    const inactive = spec.active === 'low' ? 'high' : 'low';
    const rest = spec.drive === 'open-drain' ? 'in' : inactive;
    return this.#keep(spec.bcm, use, () => {
      const gpio = new this.#Gpio(number, rest);
      this.#check(gpio, rest === 'in' ? 'in' : 'out', use);
      return new OnoffOutput(gpio, spec, use);
    });
  }

  async openInput(spec: LineSpec, use: string): Promise<InputLine> {
    const number = await this.#export(spec, use);
    return this.#keep(spec.bcm, use, () => {
      const gpio = new this.#Gpio(number, 'in', 'both');
      this.#check(gpio, 'in', use);
      return new OnoffInput(gpio, spec, use);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const { line } of this.#open.values()) line[Symbol.dispose]();
    this.#open.clear();
    return Promise.resolve();
  }

  async #export(spec: LineSpec, use: string): Promise<number> {
    const holder = this.#open.get(spec.bcm);
    if (holder !== undefined) {
      throw new StationError('S03', `GPIO${spec.bcm} for ${use} is already used for ${holder.use}.`);
    }
    if (spec.pull !== undefined) {
      throw new StationError('S03', `GPIO${spec.bcm} for ${use} asks for a pull, which sysfs cannot set.`);
    }
    const number = sysfsNumber(this.#chip, spec.bcm, use);
    await exportLine(sysfs, number, use, this.#clock);
    return number;
  }

  #keep<Line extends Disposable>(bcm: number, use: string, open: () => Line): Line {
    const line = guarded(use, open);
    this.#open.set(bcm, { use, line });
    return line;
  }

  /** The constructor swallows errors on a line that was exported before (GPIO reference §2). */
  #check(gpio: Gpio, wanted: 'in' | 'out', use: string): void {
    const found = gpio.direction();
    if (found !== wanted) throw new StationError('S03', `The line of ${use} stays an ${found}put.`);
  }
}

class OnoffOutput implements OutputLine {
  readonly #gpio: Gpio;
  readonly #spec: LineSpec;
  readonly #use: string;
  #closed = false;

  constructor(gpio: Gpio, spec: LineSpec, use: string) {
    this.#gpio = gpio;
    this.#spec = spec;
    this.#use = use;
  }

  set(active: boolean): void {
    if (this.#closed) return;
    guarded(this.#use, () => {
      const low = active === (this.#spec.active === 'low');
      if (this.#spec.drive === 'open-drain') this.#gpio.setDirection(low ? 'low' : 'in');
      else this.#gpio.writeSync(low ? 0 : 1);
    });
  }

  /** Leaves the line inactive: what is driven when a line is given back stays driven (GPIO reference §5). */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.set(false);
    this.#closed = true;
    this.#gpio.unexport();
  }
}

class OnoffInput implements InputLine {
  readonly #gpio: Gpio;
  readonly #activeValue: BinaryValue;
  readonly #use: string;
  #closed = false;

  constructor(gpio: Gpio, spec: LineSpec, use: string) {
    this.#gpio = gpio;
    this.#activeValue = spec.active === 'low' ? 0 : 1;
    this.#use = use;
  }

  read(): boolean {
    return guarded(this.#use, () => this.#gpio.readSync() === this.#activeValue);
  }

  watch(listener: (active: boolean) => void): Disposable {
    // No debounceTimeout: onoff reports after the last bounce, and throws when the line is closed meanwhile.
    const heard = (error: Error | null | undefined, value: BinaryValue): void => {
      if (!this.#closed && (error === null || error === undefined)) listener(value === this.#activeValue);
    };
    this.#gpio.watch(heard);
    return {
      [Symbol.dispose]: () => {
        if (!this.#closed) this.#gpio.unwatch(heard);
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gpio.unexport();
  }
}

function guarded<T>(use: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StationError('S03', `The line of ${use} does not obey: ${reason}.`, { cause: error });
  }
}

async function loadOnoff(): Promise<typeof Onoff> {
  try {
    return await import('onoff');
  } catch (error) {
    throw new StationError('S03', 'The GPIO module cannot be loaded: run npm rebuild.', { cause: error });
  }
}
