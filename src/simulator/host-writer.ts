import type { Clock } from '../foundation/clock.ts';

const RETRY_MS = 2;
/** More than a whole flash read at once; what a client leaves lying beyond that is lost, as in a UART's overrun. */
const LIMIT_BYTES = 5 * 1024 * 1024;

/** Writes towards the client in order, and keeps what its input buffer has no room for until it has. */
export class HostWriter {
  readonly #clock: Clock;
  readonly #write: (bytes: Uint8Array) => number;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #cancelRetry: (() => void) | null = null;

  /** @param write takes what there is room for now and says how many bytes that was */
  constructor(clock: Clock, write: (bytes: Uint8Array) => number) {
    this.#clock = clock;
    this.#write = write;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#waitingBytes + bytes.length > LIMIT_BYTES) return;
    this.#waiting.push(bytes.slice());
    this.#waitingBytes += bytes.length;
    if (this.#cancelRetry === null) this.#drain();
  }

  /** Forgets what the client has not taken. */
  clear(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #drain(): void {
    for (;;) {
      const head = this.#waiting[0];
      if (head === undefined) return;
      const taken = this.#write(head);
      this.#waitingBytes -= taken;
      if (taken === head.length) {
        this.#waiting.shift();
        continue;
      }
      this.#waiting[0] = head.subarray(taken);
      if (taken === 0) break;
    }
    // A pseudo-terminal gives no sign when the client has read; bytes wait here only for a client that reads slowly.
    this.#cancelRetry = this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.#drain();
    });
  }
}
