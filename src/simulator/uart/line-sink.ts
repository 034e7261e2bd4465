import type { ByteSink } from './uart.ts';

const LINE_BYTES = 256;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** The receiver of an application that understands lines: they end in CR, LF or both, and empty ones say nothing. */
export class LineSink implements ByteSink {
  readonly working = false;
  readonly #lines: Uint8Array[] = [];
  #line: number[] = [];

  beginPiece(): void {
    // Whoever sends while it is at work is heard afterwards.
  }

  answered(): void {
    // Lines are not counted against their answers.
  }

  push(byte: number): void {
    if (byte !== LINE_FEED && byte !== RETURN) {
      if (this.#line.length < LINE_BYTES) this.#line.push(byte);
      return;
    }
    if (this.#line.length > 0) this.#lines.push(Uint8Array.from(this.#line));
    this.#line = [];
  }

  take(): Uint8Array | undefined {
    return this.#lines.shift();
  }
}
