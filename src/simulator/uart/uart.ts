import { AutoBaud } from './auto-baud.ts';
import { END } from './wire.ts';

/** The ROM's divider for 115200 at 80 MHz, set before the PLL runs; protocol reference §1.7. */
const BOOT_DIVIDER = 694;
/** Beyond this share of difference the bits are no longer sampled where they are. */
const MAX_MISMATCH = 0.035;

/** Where bytes go that the UART has understood. */
export interface ByteSink {
  /** A piece of the host's transmission begins: the host has seen everything sent so far. */
  beginPiece(): void;
  push(byte: number): void;
  /** A request was taken and its reply has not left. */
  readonly working: boolean;
  /** The reply to the request that was taken last has left. */
  answered(): void;
  take(): Uint8Array | undefined;
}

/** UART0: the divider, the training of the ROM loader, and what a wrong rate makes of a byte. */
export class Uart {
  divider = BOOT_DIVIDER;
  readonly clockHz: number;
  readonly #trained: (hostBaud: number, divider: number) => number | null;
  #mode: 'closed' | 'paused' | 'training' | 'open' = 'closed';
  #autoBaud = new AutoBaud();
  #garbled = 0;
  sink: ByteSink | undefined;

  /** @param trained what the chip makes of the divider that it has measured; null: it hears nothing any more */
  constructor(crystalMhz: number, trained: (hostBaud: number, divider: number) => number | null) {
    this.#trained = trained;
    this.clockHz = crystalMhz * 2_000_000;
  }

  /** The rate the chip sends and listens at. */
  get baud(): number {
    return this.clockHz / Math.max(1, this.divider & 0xfffff);
  }

  reset(): void {
    this.divider = BOOT_DIVIDER;
    this.close();
  }

  close(): void {
    this.#mode = 'closed';
    this.sink = undefined;
  }

  /** Listens at any rate; what trains the divider is not delivered. */
  train(sink: ByteSink): void {
    this.sink = sink;
    this.#autoBaud = new AutoBaud();
    this.#mode = 'training';
  }

  open(sink: ByteSink): void {
    this.sink = sink;
    this.#mode = 'open';
  }

  /** What arrives from now on is lost, until `open`. */
  pause(): void {
    this.#mode = 'paused';
  }

  get paused(): boolean {
    return this.#mode === 'paused';
  }

  /** @returns the byte as it was understood, or undefined when nobody listens */
  hear(byte: number, hostBaud: number): number | undefined {
    if (this.#mode === 'closed' || this.#mode === 'paused') return undefined;
    if (this.#mode === 'training') {
      const divider = this.#autoBaud.hear(byte, hostBaud, this.clockHz);
      if (divider === undefined) return undefined;
      const trained = this.#trained(hostBaud, divider);
      this.divider = trained ?? divider;
      this.#mode = trained === null ? 'closed' : 'open';
      return undefined;
    }
    if (Math.abs(hostBaud / this.baud - 1) <= MAX_MISMATCH) return byte;
    this.#garbled++;
    const garbled = (byte * 167 + this.#garbled * 41 + 13) & 0xff;
    // Never a delimiter, so that nothing is taken for a frame by chance.
    return garbled === END ? 0xff : garbled;
  }
}
