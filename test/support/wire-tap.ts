import type { OutputLine } from '../../src/gpio/line.ts';
import type { OpenSerialLink, SerialLink } from '../../src/serial/serial-link.ts';

/** A request as it went over the wire. */
export interface SentRequest {
  readonly kind: 'request';
  readonly atMs: number;
  /** Rate of the host's port, baud. */
  readonly baud: number;
  /** As written, with delimiters and escapes. */
  readonly wire: Uint8Array;
  readonly direction: number;
  readonly opcode: number;
  /** The length that the header announces. */
  readonly length: number;
  readonly checksum: number;
  readonly payload: Uint8Array;
  /** The n-th 32-bit word of the payload. */
  readonly word: (index: number) => number;
}

/** Something written that is no request: `DB 00`, or the acknowledgement of a block of READ_FLASH. */
export interface SentBytes {
  readonly kind: 'bytes';
  readonly atMs: number;
  readonly wire: Uint8Array;
}

/** A frame that the host has read. */
export interface HeardFrame {
  readonly kind: 'heard';
  readonly atMs: number;
  readonly frame: Uint8Array;
  readonly opcode: number;
}

export interface RateChange {
  readonly kind: 'rate';
  readonly atMs: number;
  readonly baud: number;
}

export interface LineChange {
  readonly kind: 'line';
  readonly atMs: number;
  readonly line: 'rst' | 'gpio0';
  readonly low: boolean;
}

export type WireEvent = SentRequest | SentBytes | HeardFrame | RateChange | LineChange;

const delimiter = 0xc0;
const escape = 0xdb;
const headerBytes = 8;

/** All that happens between host and module, in the order in which the host does and hears it. */
export class WireTap {
  readonly events: WireEvent[] = [];
  readonly #nowMs: () => number;
  #heard: number[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get requests(): readonly SentRequest[] {
    return this.events.filter((event) => event.kind === 'request');
  }

  /** Requests with this opcode. */
  sent(opcode: number): readonly SentRequest[] {
    return this.requests.filter((request) => request.opcode === opcode);
  }

  get lines(): readonly LineChange[] {
    return this.events.filter((event) => event.kind === 'line');
  }

  /** Position of the event among all of them. */
  at(event: WireEvent | undefined): number {
    return event === undefined ? -1 : this.events.indexOf(event);
  }

  forget(): void {
    this.events.length = 0;
    this.#heard = [];
  }

  /** A port whose talk is written down. */
  onPort(open: OpenSerialLink): OpenSerialLink {
    return async (path, baud, signal) => this.#onLink(await open(path, baud, signal));
  }

  /** Writes down the changes of a line. */
  onLine(line: 'rst' | 'gpio0', output: OutputLine): void {
    const tapped: { active: boolean; set: (active: boolean) => void } = output as OutputLine & { active: boolean };
    const set = output.set.bind(output);
    tapped.set = (low) => {
      if (low !== tapped.active) this.events.push({ kind: 'line', atMs: this.#nowMs(), line, low });
      set(low);
    };
  }

  #onLink(link: SerialLink): SerialLink {
    return {
      path: link.path,
      get baud() {
        return link.baud;
      },
      write: (bytes, signal) => {
        this.#write(bytes.slice(), link.baud);
        return link.write(bytes, signal);
      },
      read: async (signal) => {
        const bytes = await link.read(signal);
        this.#read(bytes);
        return bytes;
      },
      discardInput: () => link.discardInput(),
      setBaud: async (baud, signal) => {
        await link.setBaud(baud, signal);
        this.events.push({ kind: 'rate', atMs: this.#nowMs(), baud });
      },
      setModemLines: (lines) => link.setModemLines(lines),
      [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
    };
  }

  #write(wire: Uint8Array, baud: number): void {
    const atMs = this.#nowMs();
    const frame = wire[0] === delimiter && wire.at(-1) === delimiter ? unescaped(wire.subarray(1, -1)) : null;
    if (frame === null || frame.length < headerBytes) {
      this.events.push({ kind: 'bytes', atMs, wire });
      return;
    }
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.events.push({
      kind: 'request',
      atMs,
      baud,
      wire,
      direction: view.getUint8(0),
      opcode: view.getUint8(1),
      length: view.getUint16(2, true),
      checksum: view.getUint32(4, true),
      payload: frame.slice(headerBytes),
      word: (index) => view.getUint32(headerBytes + 4 * index, true),
    });
  }

  #read(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte !== delimiter) {
        this.#heard.push(byte);
        continue;
      }
      const frame = unescaped(Uint8Array.from(this.#heard));
      this.#heard = [];
      if (frame === null || frame.length === 0) continue;
      this.events.push({ kind: 'heard', atMs: this.#nowMs(), frame, opcode: frame[1] ?? 0 });
    }
  }
}

/** @returns null when a delimiter or a wrong escape is inside */
function unescaped(wire: Uint8Array): Uint8Array | null {
  const bytes: number[] = [];
  for (let at = 0; at < wire.length; at += 1) {
    const byte = wire[at] ?? 0;
    if (byte === delimiter) return null;
    if (byte !== escape) {
      bytes.push(byte);
      continue;
    }
    at += 1;
    if (wire[at] === 0xdc) bytes.push(delimiter);
    else if (wire[at] === 0xdd) bytes.push(escape);
    else return null;
  }
  return Uint8Array.from(bytes);
}
