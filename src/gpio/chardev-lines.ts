import { StationError } from '../foundation/faults.ts';
import { eventBufferBytes, lineValue, readEdges, readLineValue, requests } from './chardev-layout.ts';
import type { LineEdge } from './chardev-layout.ts';
import { codeOf } from './kernel-calls.ts';
import type { KernelCalls } from './kernel-calls.ts';
import type { InputLine, OutputLine } from './line.ts';

/** A line that the kernel has granted; it is nobody else's until it is closed. */
export class HeldLine {
  readonly #calls: KernelCalls;
  readonly #fd: number;
  readonly #use: string;
  readonly #onClosed: () => void;
  #open = true;

  constructor(calls: KernelCalls, fd: number, use: string, onClosed: () => void) {
    this.#calls = calls;
    this.#fd = fd;
    this.#use = use;
    this.#onClosed = onClosed;
  }

  get open(): boolean {
    return this.#open;
  }

  set(active: boolean): void {
    this.do((calls, fd) => calls.ioctl(fd, requests.setValues.number, lineValue(active)));
  }

  get(): boolean {
    const value = lineValue();
    this.do((calls, fd) => calls.ioctl(fd, requests.getValues.number, value));
    return readLineValue(value);
  }

  /** @throws StationError S03 when the kernel refuses, or the line has been closed */
  do<T>(work: (calls: KernelCalls, fd: number) => T): T {
    if (!this.#open) throw new StationError('S03', `The line of ${this.#use} has been closed.`);
    try {
      return work(this.#calls, this.#fd);
    } catch (error) {
      const reason = codeOf(error);
      throw new StationError('S03', `The line of ${this.#use} does not obey: ${reason}.`, { cause: error });
    }
  }

  /** Never throws, so that a line which fails does not keep others from being released. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#calls.close(this.#fd);
    } catch {
      // The descriptor is gone either way.
    }
    this.#onClosed();
  }
}

/** A line that the station drives. The kernel knows its active level and whether it is open drain. */
export class ChardevOutput implements OutputLine {
  readonly #line: HeldLine;

  constructor(line: HeldLine) {
    this.#line = line;
  }

  set(active: boolean): void {
    if (this.#line.open) this.#line.set(active);
  }

  /** Leaves the line inactive: what is driven when a line is given back stays driven (GPIO reference §5). */
  [Symbol.dispose](): void {
    if (!this.#line.open) return;
    try {
      this.#line.set(false);
    } catch {
      // Nobody is left to act on this.
    }
    this.#line.close();
  }
}

/** A line that the station watches. */
export class ChardevInput implements InputLine {
  readonly debounced: boolean;
  readonly #line: HeldLine;
  readonly #listeners = new Map<(active: boolean, edge: LineEdge) => void, (error: unknown) => void>();
  readonly #buffer = Buffer.alloc(eventBufferBytes);
  #reading: Disposable | null = null;

  constructor(line: HeldLine, debounced: boolean) {
    this.#line = line;
    this.debounced = debounced;
  }

  read(): boolean {
    return this.#line.get();
  }

  /** Besides the level, each edge comes with the kernel's time and count. */
  watch(
    listener: (active: boolean, edge: LineEdge) => void,
    failed: (error: unknown) => void = () => undefined,
  ): Disposable {
    if (this.#reading === null) this.#startReading();
    // Its own function: the same listener may be given twice, and each watch ends by itself.
    const own = (active: boolean, edge: LineEdge): void => listener(active, edge);
    this.#listeners.set(own, failed);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(own);
        if (this.#listeners.size === 0) this.#stopReading();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#stopReading();
    this.#line.close();
  }

  #startReading(): void {
    this.#reading = this.#line.do((calls, fd) => calls.onReadable(fd, () => this.#tell()));
    try {
      // What happened while nobody watched is of no interest.
      this.#line.do((calls, fd) => calls.read(fd, this.#buffer));
    } catch (error) {
      this.#stopReading();
      throw error;
    }
  }

  #stopReading(): void {
    this.#reading?.[Symbol.dispose]();
    this.#reading = null;
  }

  #tell(): void {
    let count: number;
    try {
      count = this.#line.do((calls, fd) => calls.read(fd, this.#buffer));
    } catch (error) {
      // The chip is gone: it would be told for ever.
      this.#stopReading();
      for (const failed of [...this.#listeners.values()]) failed(error);
      return;
    }
    for (const edge of readEdges(this.#buffer.subarray(0, count))) {
      for (const listener of [...this.#listeners.keys()])
        if (this.#listeners.has(listener)) listener(edge.active, edge);
    }
  }
}
