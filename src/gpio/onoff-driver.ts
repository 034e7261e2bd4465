import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import { systemClock } from '../foundation/system-clock.ts';
import type { InputLine, LineDriver, LineSpec, OutputLine } from './line.ts';
import { findHolderText } from './line-holder.ts';
import { attempt, guarded, OnoffInput, OnoffOutput } from './onoff-lines.ts';
import type { SysfsPin } from './onoff-lines.ts';
import { exportLine } from './sysfs-export.ts';
import { findHeaderChip, sysfsNumber } from './sysfs-numbering.ts';
import type { HeaderChip } from './sysfs-numbering.ts';

/** The constructor of `onoff`. */
export type MakePin = new (
  number: number,
  direction: 'in' | 'low' | 'high',
  edge: 'none' | 'both',
  options: { readonly activeLow: false },
) => SysfsPin;

export interface OnoffParts {
  readonly clock: Clock;
  /** `/sys/class/gpio`, or a folder that poses as it. */
  readonly root: string;
  readonly loadPins: () => Promise<MakePin>;
  /** Who holds a line, as the end of a sentence; null: it cannot be told. */
  readonly whoHolds: (bcm: number) => Promise<string | null>;
}

const usualParts: OnoffParts = {
  clock: systemClock,
  root: '/sys/class/gpio',
  loadPins: loadOnoff,
  whoHolds: findHolderText,
};

/** Opens the lines of the header through sysfs. @throws StationError S03 when the header chip is not found */
export async function openOnoffDriver(parts: Partial<OnoffParts> = {}): Promise<LineDriver> {
  const { loadPins, ...others } = { ...usualParts, ...parts };
  const chip = await findHeaderChip(others.root);
  return new OnoffDriver({ ...others, chip, Pin: await loadPins() });
}

interface DriverParts extends Omit<OnoffParts, 'loadPins'> {
  readonly chip: HeaderChip;
  readonly Pin: MakePin;
}

class OnoffDriver implements LineDriver {
  readonly description: string;
  readonly #parts: DriverParts;
  /** What each claimed line is for, by BCM number. */
  readonly #uses = new Map<number, string>();
  readonly #open = new Set<Disposable>();

  constructor(parts: DriverParts) {
    this.description = `onoff on ${parts.chip.label}, base ${parts.chip.base}`;
    this.#parts = parts;
  }

  openOutput(spec: LineSpec, use: string): Promise<OutputLine> {
    const inactive = spec.active === 'low' ? 'high' : 'low';
    const rest = spec.drive === 'open-drain' ? 'in' : inactive;
    return this.#openLine(spec, use, { direction: rest, edge: 'none' }, (pin, closed) => {
      return new OnoffOutput(pin, spec, use, closed);
    });
  }

  openInput(spec: LineSpec, use: string): Promise<InputLine> {
    return this.#openLine(spec, use, { direction: 'in', edge: 'both' }, (pin, closed) => {
      return new OnoffInput(pin, spec, use, closed);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const line of [...this.#open]) line[Symbol.dispose]();
    return Promise.resolve();
  }

  async #openLine<Line extends Disposable>(
    spec: LineSpec,
    use: string,
    wanted: { readonly direction: 'in' | 'low' | 'high'; readonly edge: 'none' | 'both' },
    make: (pin: SysfsPin, closed: () => void) => Line,
  ): Promise<Line> {
    const { clock, root, chip, Pin, whoHolds } = this.#parts;
    const number = this.#claim(chip, spec, use);
    try {
      await exportLine(root, number, `${use} (GPIO${spec.bcm})`, clock, () => whoHolds(spec.bcm));
      const pin = guarded(use, () => new Pin(number, wanted.direction, wanted.edge, { activeLow: false }));
      guarded(use, () => mustObey(pin, wanted, use));
      const line = make(pin, () => {
        this.#open.delete(line);
        this.#uses.delete(spec.bcm);
      });
      this.#open.add(line);
      return line;
    } catch (error) {
      this.#uses.delete(spec.bcm);
      throw error;
    }
  }

  #claim(chip: HeaderChip, spec: LineSpec, use: string): number {
    const holder = this.#uses.get(spec.bcm);
    if (holder !== undefined) {
      throw new StationError('S03', `GPIO${spec.bcm} for ${use} is already used for ${holder}.`);
    }
    if (spec.pull !== undefined) {
      throw new StationError('S03', `GPIO${spec.bcm} for ${use} asks for a pull, which sysfs cannot set.`);
    }
    const number = sysfsNumber(chip, spec.bcm, use);
    this.#uses.set(spec.bcm, use);
    return number;
  }
}

/** The constructor says nothing when a line that is exported already refuses to be set up (GPIO reference §2). */
function mustObey(pin: SysfsPin, wanted: { readonly direction: string; readonly edge: string }, use: string): void {
  const direction = wanted.direction === 'in' ? 'in' : 'out';
  const problem =
    pin.direction() !== direction
      ? `The line of ${use} does not become an ${direction}put.`
      : direction === 'in' && pin.edge() !== wanted.edge
        ? `The line of ${use} does not report edges.`
        : null;
  if (problem === null) return;
  attempt(() => pin.unexport());
  throw new StationError('S03', problem);
}

async function loadOnoff(): Promise<MakePin> {
  try {
    return (await import('onoff')).Gpio;
  } catch (error) {
    throw new StationError('S03', 'The GPIO module cannot be loaded: run npm rebuild.', { cause: error });
  }
}
