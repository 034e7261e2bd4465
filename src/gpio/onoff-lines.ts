import type { BinaryValue, Gpio } from 'onoff';
import { StationError } from '../foundation/faults.ts';
import type { InputLine, LineSpec, OutputLine } from './line.ts';

/** What the driver needs of a pin of `onoff`. */
export type SysfsPin = Pick<
  Gpio,
  'direction' | 'edge' | 'setDirection' | 'readSync' | 'writeSync' | 'watch' | 'unwatch' | 'unexport'
>;

/** A line that the station drives, on a pin that is set up. */
export class OnoffOutput implements OutputLine {
  readonly #pin: SysfsPin;
  readonly #spec: LineSpec;
  readonly #use: string;
  readonly #onClosed: () => void;
  #closed = false;

  constructor(pin: SysfsPin, spec: LineSpec, use: string, onClosed: () => void) {
    this.#pin = pin;
    this.#spec = spec;
    this.#use = use;
    this.#onClosed = onClosed;
  }

  set(active: boolean): void {
    if (this.#closed) return;
    guarded(this.#use, () => {
      const low = active === (this.#spec.active === 'low');
      if (this.#spec.drive === 'open-drain') this.#pin.setDirection(low ? 'low' : 'in');
      else this.#pin.writeSync(low ? 0 : 1);
    });
  }

  /**
   * Leaves the line inactive: what is driven when a line is given back stays driven (GPIO reference §5). Never throws,
   * so that a line which fails does not keep others from being released.
   */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    attempt(() => this.set(false));
    this.#closed = true;
    attempt(() => this.#pin.unexport());
    this.#onClosed();
  }
}

/** A line that the station watches, on a pin that is set up. */
export class OnoffInput implements InputLine {
  readonly #pin: SysfsPin;
  readonly #activeValue: BinaryValue;
  readonly #use: string;
  readonly #onClosed: () => void;
  #closed = false;

  constructor(pin: SysfsPin, spec: LineSpec, use: string, onClosed: () => void) {
    this.#pin = pin;
    this.#activeValue = spec.active === 'low' ? 0 : 1;
    this.#use = use;
    this.#onClosed = onClosed;
  }

  read(): boolean {
    return guarded(this.#use, () => this.#pin.readSync() === this.#activeValue);
  }

  watch(listener: (active: boolean) => void, failed: (error: unknown) => void = () => undefined): Disposable {
    // No debounceTimeout: onoff reports after the last bounce, and throws when the line is closed meanwhile.
    const heard = (error: Error | null | undefined, value: BinaryValue): void => {
      if (this.#closed) return;
      if (error === null || error === undefined) listener(value === this.#activeValue);
      else failed(error);
    };
    guarded(this.#use, () => this.#pin.watch(heard));
    return {
      [Symbol.dispose]: () => {
        if (!this.#closed) this.#pin.unwatch(heard);
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    attempt(() => this.#pin.unexport());
    this.#onClosed();
  }
}

/** For what is done to a line on its way out: a failure must not keep the other lines from being released. */
export function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // Nobody is left to act on this.
  }
}

/** Turns whatever the kernel or the package throws into S03. */
export function guarded<T>(use: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StationError('S03', `The line of ${use} does not obey: ${reason}.`, { cause: error });
  }
}
