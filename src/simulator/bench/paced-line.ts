import type { Clock } from '../../foundation/clock.ts';

const BITS_PER_BYTE = 10;
/** Timers fire on whole milliseconds: half of one early is nearer to the truth than a whole one late. */
const EARLY_MS = 0.5;
/** The longest that bytes already due are held back, so that a long block arrives as a stream. */
const STEP_MS = 8;
/** More than a whole flash. A chip would wait before it sends more than the line carries; here that much is lost. */
const LIMIT_BYTES = 20 * 1024 * 1024;
/** A host that asks for more than the line carries back, again and again, makes one segment a reply. */
const LIMIT_SEGMENTS = 4096;

interface Segment {
  readonly bytes: Uint8Array;
  readonly baud: number;
  readonly startMs: number;
  delivered: number;
}

/** Hands bytes on when a line at the sender's rate would have carried them: ten bits a byte, one after the other. */
export class PacedLine {
  readonly #clock: Clock;
  readonly #deliver: (bytes: Uint8Array, baud: number) => void;
  readonly #segments: Segment[] = [];
  #waitingBytes = 0;
  #freeAtMs = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, deliver: (bytes: Uint8Array, baud: number) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** How long the line still needs for what it has taken, ms. */
  get backlogMs(): number {
    return this.#segments.length === 0 ? 0 : Math.max(0, this.#freeAtMs - this.#clock.monotonic());
  }

  /** @param baud the sender's rate; the line keeps the array */
  push(bytes: Uint8Array, baud: number): void {
    if (bytes.length === 0 || baud <= 0 || this.#isFull(bytes.length)) return;
    const startMs = Math.max(this.#freeAtMs, this.#clock.monotonic());
    this.#freeAtMs = startMs + wireMs(bytes.length, baud);
    this.#waitingBytes += bytes.length;
    this.#segments.push({ bytes, baud, startMs, delivered: 0 });
    this.#arm();
  }

  /** Forgets what is still on its way. */
  clear(): void {
    this.#segments.length = 0;
    this.#waitingBytes = 0;
    this.#freeAtMs = 0;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #isFull(moreBytes: number): boolean {
    return this.#segments.length >= LIMIT_SEGMENTS || this.#waitingBytes + moreBytes > LIMIT_BYTES;
  }

  #arm(): void {
    const head = this.#segments[0];
    if (head === undefined || this.#cancelTimer !== null) return;
    const remainingMs = head.startMs + wireMs(head.bytes.length, head.baud) - this.#clock.monotonic();
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.min(STEP_MS, remainingMs)), () => {
      this.#cancelTimer = null;
      this.#deliverWhatIsDue();
      this.#arm();
    });
  }

  #deliverWhatIsDue(): void {
    const nowMs = this.#clock.monotonic() + EARLY_MS;
    for (;;) {
      const head = this.#segments[0];
      if (head === undefined) return;
      const due = Math.min(head.bytes.length, Math.floor((nowMs - head.startMs) / wireMs(1, head.baud)));
      if (due === head.bytes.length) this.#segments.shift();
      if (due > head.delivered) {
        const part = head.bytes.subarray(head.delivered, due);
        this.#waitingBytes -= part.length;
        head.delivered = due;
        this.#deliver(part, head.baud);
      }
      if (due < head.bytes.length) return;
    }
  }
}

function wireMs(bytes: number, baud: number): number {
  return (bytes * BITS_PER_BYTE * 1000) / baud;
}
