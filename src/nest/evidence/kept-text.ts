/** Bytes kept of the start of a text, and as many of its end. */
export const textEndBytes = 1_536;

/** A text of any length, of which the start and the end are kept. */
export class KeptText {
  readonly #start = new Uint8Array(textEndBytes);
  /** A ring; made when the start is full. */
  #end: Uint8Array | null = null;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: Uint8Array): void {
    const room = Math.max(0, textEndBytes - this.#bytes);
    if (room > 0) this.#start.set(bytes.subarray(0, room), this.#bytes);
    const rest = bytes.subarray(room);
    if (rest.length > 0) this.#addToEnd(rest, Math.max(0, this.#bytes - textEndBytes));
    this.#bytes += bytes.length;
  }

  /** One character a byte. */
  get start(): string {
    return latin1(this.#start.subarray(0, Math.min(this.#bytes, textEndBytes)));
  }

  /** What came last and is not in `start`. */
  get end(): string {
    const after = this.#bytes - textEndBytes;
    if (this.#end === null || after <= 0) return '';
    if (after <= textEndBytes) return latin1(this.#end.subarray(0, after));
    const at = after % textEndBytes;
    return latin1(this.#end.subarray(at)) + latin1(this.#end.subarray(0, at));
  }

  /** @param before bytes that have gone there already */
  #addToEnd(bytes: Uint8Array, before: number): void {
    const ring = (this.#end ??= new Uint8Array(textEndBytes));
    const skipped = Math.max(0, bytes.length - textEndBytes);
    const last = bytes.subarray(skipped);
    const at = (before + skipped) % textEndBytes;
    const untilEdge = last.subarray(0, textEndBytes - at);
    ring.set(untilEdge, at);
    ring.set(last.subarray(untilEdge.length), 0);
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
