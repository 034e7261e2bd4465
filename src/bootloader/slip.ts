const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** Longer than any frame a loader sends: boot text at a wrong rate must not grow a frame without end. */
const longestFrame = 0x8000;

/** A frame as it goes over the wire: one delimiter before, one behind (protocol reference §2.1, rule 1). */
export function encodeSlip(payload: Uint8Array): Uint8Array {
  let escapes = 0;
  for (const byte of payload) if (byte === END || byte === ESC) escapes += 1;
  const wire = new Uint8Array(payload.length + escapes + 2);
  wire[0] = END;
  let at = 1;
  for (const byte of payload) {
    if (byte === END || byte === ESC) {
      wire[at++] = ESC;
      wire[at++] = byte === END ? ESC_END : ESC_ESC;
    } else {
      wire[at++] = byte;
    }
  }
  wire[at] = END;
  return wire;
}

/**
 * Finds frames in a stream that may start with boot text, hold noise or lack a delimiter. Everything between two
 * delimiters counts as a frame, so that one lost delimiter costs no answer; whoever reads the frames drops those that
 * are no packets.
 */
export class SlipDecoder {
  readonly #frame = new Uint8Array(longestFrame);
  #length = 0;
  #state: 'hunting' | 'inside' | 'escaped' = 'hunting';
  #discarded = 0;

  /** Bytes that belonged to no frame so far: the best evidence of noise (protocol reference §2.1, rule 2). */
  get discardedBytes(): number {
    return this.#discarded;
  }

  /** @returns the frames completed by these bytes, unescaped; empty frames are left out */
  push(bytes: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const byte of bytes) {
      if (byte === END) {
        const frame = this.#finish();
        if (frame !== null) frames.push(frame);
      } else {
        this.#take(byte);
      }
    }
    return frames;
  }

  #finish(): Uint8Array | null {
    const complete = this.#state === 'inside' && this.#length > 0;
    const frame = complete ? this.#frame.slice(0, this.#length) : null;
    if (!complete) this.#discarded += this.#length;
    this.#length = 0;
    this.#state = 'inside';
    return frame;
  }

  #take(byte: number): void {
    if (this.#state === 'hunting') {
      this.#discarded += 1;
    } else if (this.#state === 'escaped') {
      if (byte === ESC_END || byte === ESC_ESC) {
        this.#append(byte === ESC_END ? END : ESC);
        this.#state = 'inside';
      } else {
        this.#giveUp(2);
      }
    } else if (byte === ESC) {
      this.#state = 'escaped';
    } else {
      this.#append(byte);
    }
  }

  #append(byte: number): void {
    this.#frame[this.#length] = byte;
    this.#length += 1;
    if (this.#length === longestFrame) this.#giveUp(0);
  }

  #giveUp(extraBytes: number): void {
    this.#discarded += this.#length + extraBytes;
    this.#length = 0;
    this.#state = 'hunting';
  }
}
