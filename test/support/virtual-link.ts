import type { Clock } from '../../src/foundation/clock.ts';
import { within } from '../../src/foundation/deadline.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { InputQueue } from '../../src/serial/input-queue.ts';
import { goneFault } from '../../src/serial/port-faults.ts';
import type { SerialLink } from '../../src/serial/serial-link.ts';

/** The driver's end of the wire. */
export interface WireEnd {
  send(bytes: Uint8Array, baud: number): void;
  /** How long the line still needs for what it has taken, ms. */
  backlogMs(): number;
  closed(link: VirtualLink): void;
}

/** What the output buffer of a serial driver holds. */
const driverBytes = 4096;
const drainLimitMs = 5_000;

/** A serial port in memory that behaves as the real one does: buffered output, S04 when it has gone. */
export class VirtualLink implements SerialLink {
  readonly path: string;
  readonly #clock: Clock;
  readonly #wire: WireEnd;
  readonly #input = new InputQueue();
  #baud: number;

  constructor(path: string, baud: number, clock: Clock, wire: WireEnd) {
    this.path = path;
    this.#baud = baud;
    this.#clock = clock;
    this.#wire = wire;
  }

  get baud(): number {
    return this.#baud;
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#assertUsable();
    this.#wire.send(bytes, this.#baud);
    await this.#untilBacklog((driverBytes * 10_000) / this.#baud, signal);
  }

  async read(signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    return this.#input.take(signal);
  }

  async discardInput(): Promise<void> {
    this.#assertUsable();
    this.#input.clear();
  }

  async setBaud(baud: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#assertUsable();
    const limit = (): Error => new StationError('S04', `Port ${this.path} did not send within ${drainLimitMs} ms.`);
    await within(this.#clock, drainLimitMs, limit, signal, (own) => this.#untilBacklog(0, own));
    this.#baud = baud;
  }

  async setModemLines(): Promise<void> {
    throw new StationError('S04', `Port ${this.path} refused its modem lines.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#input.fail(new StationError('S04', `Port ${this.path} is closed.`));
    this.#wire.closed(this);
  }

  /** Bytes from the module, as heard at this port's rate. */
  arrive(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#input.add(bytes.slice());
  }

  vanish(error: Error): void {
    this.#input.fail(goneFault(this.path, error));
  }

  async #untilBacklog(restMs: number, signal: AbortSignal): Promise<void> {
    while (this.#input.fault === null && this.#wire.backlogMs() > restMs) {
      // In steps, so that a port that vanishes is noticed.
      await this.#clock.sleep(Math.min(20, Math.max(0.01, this.#wire.backlogMs() - restMs)), signal);
    }
    this.#assertUsable();
  }

  #assertUsable(): void {
    if (this.#input.fault !== null) throw this.#input.fault;
  }
}
