/** Bytes of a frame that are kept. */
export const headBytes = 48;

/** A frame as it is kept. */
export interface KeptFrame {
  readonly atMs: number;
  /** Its place among the frames of both directions. */
  readonly order: number;
  readonly bytes: number;
  readonly head: Uint8Array;
}

/** The last frames of one direction. Its memory is taken once: adding to it takes none. */
export class FrameRing {
  readonly #slots: number;
  readonly #heads: Uint8Array;
  readonly #atMs: Float64Array;
  readonly #orders: Float64Array;
  readonly #lengths: Float64Array;
  #begun = 0;

  /** @param slots how many frames are kept, 1 or more */
  constructor(slots: number) {
    this.#slots = slots;
    this.#heads = new Uint8Array(slots * headBytes);
    this.#atMs = new Float64Array(slots);
    this.#orders = new Float64Array(slots);
    this.#lengths = new Float64Array(slots);
  }

  /** Begins a frame in the place of the oldest. */
  begin(atMs: number, order: number): void {
    const slot = this.#begun % this.#slots;
    this.#begun += 1;
    this.#atMs[slot] = atMs;
    this.#orders[slot] = order;
    this.#lengths[slot] = 0;
  }

  /** Adds bytes to the frame that was begun last; of those behind its head only the number is kept. */
  append(bytes: Uint8Array): void {
    const slot = (this.#begun - 1) % this.#slots;
    const before = this.#lengths[slot] ?? 0;
    const room = headBytes - before;
    if (room > 0) {
      this.#heads.set(bytes.length > room ? bytes.subarray(0, room) : bytes, slot * headBytes + before);
    }
    this.#lengths[slot] = before + bytes.length;
  }

  /** What is kept, oldest first; the heads are copies. */
  kept(): KeptFrame[] {
    const frames: KeptFrame[] = [];
    for (let at = Math.max(0, this.#begun - this.#slots); at < this.#begun; at += 1) {
      const slot = at % this.#slots;
      const bytes = this.#lengths[slot] ?? 0;
      const start = slot * headBytes;
      const head = this.#heads.slice(start, start + Math.min(bytes, headBytes));
      frames.push({ atMs: this.#atMs[slot] ?? 0, order: this.#orders[slot] ?? 0, bytes, head });
    }
    return frames;
  }
}
