import type { OutputLine } from '../../gpio/line.ts';
import type { NestState, StationEvent } from '../station-event.ts';

/**
 * The lamp of the station as a whole, for who looks after it: lit while a nest shows a fault of the station or of the
 * job, while there is no job, while an alarm lasts, and from the first failure of a line on until the station is
 * started again.
 */
export class FaultLamp implements Disposable {
  readonly #line: OutputLine;
  readonly #onFault: (error: unknown) => void;
  /** Numbers of the nests that show such a fault. */
  readonly #nests = new Set<number>();
  /** Slugs of the alarms that last. */
  readonly #alarms = new Set<string>();
  #hasJob = true;
  #lineFailed = false;
  #lit: boolean | null = null;
  /** The failure of its own line has been told. */
  #told = false;
  #disposed = false;

  /** @param onFault the lamp's own line failed; told once until it obeys again */
  constructor(line: OutputLine, onFault: (error: unknown) => void) {
    this.#line = line;
    this.#onFault = onFault;
  }

  accept(event: StationEvent): void {
    if (event.kind === 'jobLoaded') this.#hasJob = true;
    else if (event.kind === 'nestState') keep(this.#nests, event.state.nest, isOfTheStation(event.state));
    else if (event.kind === 'alarm') keep(this.#alarms, event.alarm.slug, event.alarm.active);
    else return;
    this.#settle();
  }

  /** No start can succeed until a job is loaded. */
  jobMissing(): void {
    this.#hasJob = false;
    this.#settle();
  }

  /** A line of some nest does not obey: a lamp may be lying, or a button may be dead. */
  lineFailed(): void {
    this.#lineFailed = true;
    this.#settle();
  }

  /** Off, for good. */
  [Symbol.dispose](): void {
    this.#light(false);
    this.#disposed = true;
  }

  #settle(): void {
    this.#light(this.#nests.size > 0 || this.#alarms.size > 0 || !this.#hasJob || this.#lineFailed);
  }

  #light(on: boolean): void {
    if (this.#disposed || on === this.#lit) return;
    try {
      this.#line.set(on);
      this.#lit = on;
      this.#told = false;
    } catch (error) {
      // What it shows now is unknown: the next event sets it whatever it was.
      this.#lit = null;
      if (!this.#told) this.#onFault(error);
      this.#told = true;
    }
  }
}

/** S: the station. J: the job, which every nest shares. Both stop work here, whatever the module. */
function isOfTheStation({ code }: NestState): boolean {
  return code !== null && /^[SJ]/.test(code);
}

function keep<T>(set: Set<T>, item: T, wanted: boolean): void {
  if (wanted) set.add(item);
  else set.delete(item);
}
