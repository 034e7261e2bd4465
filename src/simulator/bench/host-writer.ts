import type { Clock } from '../../foundation/clock.ts';

const RETRY_MS = 2;
/** More than a whole flash read at once; what a client leaves lying beyond that is lost, as in a UART's overrun. */
const LIMIT_BYTES = 5 * 1024 * 1024;
/** Small writes are joined up to this size. */
const JOIN_BYTES = 4096;
/** A client that has taken nothing for so long is gone: the next one is not to read what was meant for it. */
const ABANDONED_MS = 5000;

/** Writes towards the client in order, and keeps what its input buffer has no room for until it has. */
export class HostWriter {
  readonly #clock: Clock;
  readonly #write: (bytes: Uint8Array) => number;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The last of the waiting arrays is this one's first part, and more fits behind it. */
  #joining: { readonly buffer: Uint8Array; filled: number } | null = null;
  #progressAtMs = 0;
  #abandoned = false;
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
    if (bytes.length === 0 || this.#waitingBytes + bytes.length > LIMIT_BYTES) return;
    if (this.#waitingBytes === 0 && !this.#abandoned) this.#progressAtMs = this.#clock.monotonic();
    this.#append(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#cancelRetry === null) this.#drain();
  }

  /** Forgets what the client has not taken. */
  clear(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#joining = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #append(bytes: Uint8Array): void {
    const joining = this.#joining;
    const last = this.#waiting.at(-1);
    if (joining !== null && last !== undefined && joining.filled + bytes.length <= JOIN_BYTES) {
      joining.buffer.set(bytes, joining.filled);
      joining.filled += bytes.length;
      this.#waiting[this.#waiting.length - 1] = joining.buffer.subarray(
        joining.filled - last.length - bytes.length,
        joining.filled,
      );
      return;
    }
    this.#joining = null;
    if (this.#waiting.length === 0 || bytes.length >= JOIN_BYTES) {
      this.#waiting.push(bytes.slice());
      return;
    }
    const buffer = new Uint8Array(JOIN_BYTES);
    buffer.set(bytes);
    this.#joining = { buffer, filled: bytes.length };
    this.#waiting.push(buffer.subarray(0, bytes.length));
  }

  #drain(): void {
    for (;;) {
      const head = this.#waiting[0];
      if (head === undefined) return;
      const taken = this.#write(head);
      this.#waitingBytes -= taken;
      if (taken > 0) {
        this.#progressAtMs = this.#clock.monotonic();
        this.#abandoned = false;
      }
      if (taken === head.length) {
        this.#waiting.shift();
        continue;
      }
      this.#waiting[0] = head.subarray(taken);
      if (taken === 0) break;
    }
    this.#abandoned = this.#clock.monotonic() - this.#progressAtMs >= ABANDONED_MS;
    if (this.#abandoned) {
      this.clear();
      return;
    }
    // A pseudo-terminal gives no sign when the client has read; bytes wait here only for a client that reads slowly.
    this.#cancelRetry = this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.#drain();
    });
  }
}
