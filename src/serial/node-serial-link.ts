import type { Clock } from '../foundation/clock.ts';
import { within } from '../foundation/deadline.ts';
import { StationError } from '../foundation/faults.ts';
import { unlessAborted } from '../foundation/unless-aborted.ts';
import { InputQueue } from './input-queue.ts';
import { loadPortDriver } from './port-driver.ts';
import type { PortDriver } from './port-driver.ts';
import { goneFault, modemLinesFault, openFault, settingFault } from './port-faults.ts';
import type { OpenSerialLink, SerialLink } from './serial-link.ts';

type OpenPort = Awaited<ReturnType<PortDriver['open']>>;

/** What the drivers of Linux and macOS have besides. */
type PolledPort = OpenPort & { readonly poller?: { poll(events: number): void } };

const readableOrWritable = 0b011;
const nudgeMs = 20;
const openLimitMs = 3_000;
const closeLimitMs = 1_000;
const drainLimitMs = 5_000;
// A tty that hung up reads as "no bytes" for ever and the driver keeps trying; only a control call fails.
const livenessMs = 250;
const readBytes = 4_096;

/**
 * Serial ports of the operating system. The native module is loaded at the first opening.
 *
 * @param loadDriver where the ports come from; tests give their own
 */
export function nodeSerialLinks(clock: Clock, loadDriver: () => Promise<PortDriver> = loadPortDriver): OpenSerialLink {
  return async (path, baud, signal) => {
    signal.throwIfAborted();
    const driver = await loadDriver();
    // Dropping DTR at close would reset boards whose adapter wires it to the reset pin, hence no hupcl.
    const opening: Promise<OpenPort> = driver.open({ path, baudRate: baud, lock: true, hupcl: false, rtscts: false });
    const limit = (): Error => new StationError('S04', `Port ${path} did not open within ${openLimitMs} ms.`);
    try {
      const port = await within(clock, openLimitMs, limit, signal, (own) => unlessAborted(opening, own));
      const link = new NodeSerialLink(port, path, baud, clock);
      await link.releaseModemLines();
      return link;
    } catch (error) {
      closeLate(opening);
      if (signal.aborted) throw signal.reason;
      throw error instanceof StationError ? error : openFault(path, error);
    }
  };
}

/** A port that opens after nobody waits for it any more is closed again. */
function closeLate(opening: Promise<OpenPort>): void {
  opening.then((port) => (port.isOpen ? port.close() : undefined)).catch(() => undefined);
}

class NodeSerialLink implements SerialLink {
  readonly path: string;
  readonly #port: OpenPort;
  readonly #clock: Clock;
  readonly #input = new InputQueue();
  readonly #cancelLiveness: () => void;
  #baud: number;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(port: OpenPort, path: string, baud: number, clock: Clock) {
    this.#port = port;
    this.path = path;
    this.#baud = baud;
    this.#clock = clock;
    this.#cancelLiveness = this.#watchLiveness();
    void this.#receive();
  }

  get baud(): number {
    return this.#baud;
  }

  /** Opening a tty asserts DTR and RTS. Ports without these lines refuse, which is normal. */
  async releaseModemLines(): Promise<void> {
    await this.#setLines(false, false).catch(() => undefined);
  }

  async setModemLines(lines: { readonly dtr: boolean; readonly rts: boolean }): Promise<void> {
    this.#assertUsable();
    try {
      await this.#setLines(lines.dtr, lines.rts);
    } catch (error) {
      throw modemLinesFault(this.path, error);
    }
  }

  // Every call has to name both lines and low latency: what is left out goes to the driver's default.
  async #setLines(dtr: boolean, rts: boolean): Promise<void> {
    const options = { dtr, rts, brk: false, cts: false, dsr: false, lowLatency: true };
    await this.#port.set(options);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#assertUsable();
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const writing = this.#writing.then(() => this.#nudged(this.#port.write(buffer)));
    this.#writing = writing.catch(() => undefined);
    await this.#guard(writing, signal);
  }

  async read(signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    return this.#input.take(signal);
  }

  async discardInput(): Promise<void> {
    this.#assertUsable();
    // The driver's flush would also drop output that a pseudo-terminal has not passed on. A control call and one
    // turn of the event loop let the receiver take what the kernel holds.
    await this.#port.getBaudRate().catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    this.#input.clear();
  }

  async setBaud(baud: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#assertUsable();
    // Changing the rate discards unsent output.
    const drained = this.#writing.then(() => this.#port.drain());
    const limit = (): Error => new StationError('S04', `Port ${this.path} did not send within ${drainLimitMs} ms.`);
    await within(this.#clock, drainLimitMs, limit, signal, (own) => this.#guard(drained, own));
    try {
      await this.#port.update({ baudRate: baud });
    } catch (error) {
      this.#assertUsable();
      throw settingFault(this.path, `${baud} baud`, error);
    }
    this.#baud = baud;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#input.fail(new StationError('S04', `Port ${this.path} is closed.`));
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#cancelLiveness();
    // The kernel may hold a close back for as long as output is stuck.
    const closing = this.#port.close().catch(() => undefined);
    const stuck = new AbortController();
    await Promise.race([closing, this.#clock.sleep(closeLimitMs, stuck.signal).catch(() => undefined)]);
    stuck.abort();
  }

  async #receive(): Promise<void> {
    const buffer = Buffer.alloc(readBytes);
    try {
      for (;;) {
        const { bytesRead } = await this.#port.read(buffer, 0, buffer.length);
        this.#input.add(Uint8Array.prototype.slice.call(buffer, 0, bytesRead));
      }
    } catch (error) {
      await this.#vanish(error);
    }
  }

  /**
   * The driver watches a port for one thing at a time: when its reader begins to wait after its writer has, the writer
   * is forgotten until a byte arrives, which never happens while the module waits for the rest of a block. While
   * something is being written the driver is therefore asked again and again to watch for both.
   */
  async #nudged(writing: Promise<void>): Promise<void> {
    const { poller } = this.#port as PolledPort;
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel = this.#clock.after(nudgeMs, () => {
        if (!this.#port.isOpen) return;
        poller?.poll(readableOrWritable);
        arm();
      });
    };
    if (poller !== undefined) arm();
    try {
      await writing;
    } finally {
      cancel();
    }
  }

  #watchLiveness(): () => void {
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel = this.#clock.after(livenessMs, () => {
        this.#port.getBaudRate().then(
          () => {
            if (!this.#closed) arm();
          },
          (error: unknown) => this.#vanish(error),
        );
      });
    };
    arm();
    return () => cancel();
  }

  async #vanish(error: unknown): Promise<void> {
    if (this.#closed) return;
    this.#input.fail(goneFault(this.path, error));
    await this.#close();
  }

  async #guard(work: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await unlessAborted(work, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      await this.#vanish(error);
      this.#assertUsable();
      throw error;
    }
  }

  #assertUsable(): void {
    if (this.#input.fault !== null) throw this.#input.fault;
  }
}
