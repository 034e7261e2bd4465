import type { StationError } from '../foundation/faults.ts';
import { concatBytes } from '../foundation/bytes.ts';

/** More than any answer of a loader: a module that chatters at nobody must not fill the memory. */
const keptBytes = 1_048_576;

interface Reader {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

/** What has arrived and was not read yet; one reader at a time. */
export class InputQueue {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #reader: Reader | null = null;
  #fault: StationError | null = null;

  /** Why nothing more will come; null while the port is usable. */
  get fault(): StationError | null {
    return this.#fault;
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes > keptBytes) this.#bytes -= this.#chunks.shift()?.length ?? this.#bytes;
    const reader = this.#reader;
    if (reader === null) return;
    this.#reader = null;
    reader.resolve(this.#takeAll());
  }

  /** Everything there is, at least one byte. @throws the fault, or the signal's reason when it aborts first */
  async take(signal: AbortSignal): Promise<Uint8Array> {
    if (this.#bytes > 0) return this.#takeAll();
    if (this.#fault !== null) throw this.#fault;
    if (this.#reader !== null) throw new Error('Two readers at the same port.');
    let abort = (): void => undefined;
    const arrival = new Promise<Uint8Array>((resolve, reject) => {
      this.#reader = { resolve, reject };
      abort = () => {
        this.#reader = null;
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      return await arrival;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }

  /** Ends the queue: the first fault stays, bytes that arrived before it can still be read. */
  fail(fault: StationError): void {
    this.#fault ??= fault;
    this.#reader?.reject(this.#fault);
    this.#reader = null;
  }

  #takeAll(): Uint8Array {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : concatBytes(this.#chunks);
    this.clear();
    return all;
  }
}
