import { SlipDecoder, encodeSlip } from '../../src/bootloader/slip.ts';
import { concatBytes } from '../../src/foundation/bytes.ts';
import { StationError } from '../../src/foundation/faults.ts';
import type { OutputLine } from '../../src/gpio/line.ts';
import { InputQueue } from '../../src/serial/input-queue.ts';
import type { SerialLink } from '../../src/serial/serial-link.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A request as the link saw it, unescaped. */
export interface SeenRequest {
  readonly opcode: number;
  readonly checksum: number;
  readonly payload: Uint8Array;
  /** The n-th 32-bit word of the payload. */
  readonly word: (index: number) => number;
}

/** What the other side does with a request; it answers with `link.reply` or stays silent. */
export type Script = (request: SeenRequest, link: ScriptedLink) => void;

/** A serial link whose other side is a function. */
export class ScriptedLink implements SerialLink {
  readonly path = '/dev/scripted';
  readonly clock: VirtualClock;
  readonly requests: SeenRequest[] = [];
  readonly written: Uint8Array[] = [];
  readonly bauds: number[] = [];
  script: Script;
  closed = false;
  /** How long a change of the rate takes, ms. */
  setBaudMs = 0;
  #baud = 115_200;
  readonly #input = new InputQueue();
  readonly #decoder = new SlipDecoder();

  constructor(clock: VirtualClock, script: Script = () => undefined) {
    this.clock = clock;
    this.script = script;
  }

  get baud(): number {
    return this.#baud;
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#input.fault !== null) throw this.#input.fault;
    this.written.push(bytes.slice());
    for (const frame of this.#decoder.push(bytes)) {
      if (frame.length < 8) continue;
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      const request: SeenRequest = {
        opcode: view.getUint8(1),
        checksum: view.getUint32(4, true),
        payload: frame.slice(8),
        word: (index) => view.getUint32(8 + 4 * index, true),
      };
      this.requests.push(request);
      this.script(request, this);
    }
  }

  read(signal: AbortSignal): Promise<Uint8Array> {
    return this.#input.take(signal);
  }

  async discardInput(): Promise<void> {
    this.#input.clear();
  }

  async setBaud(baud: number): Promise<void> {
    if (this.setBaudMs > 0) await this.clock.sleep(this.setBaudMs);
    if (this.#input.fault !== null) throw this.#input.fault;
    this.#baud = baud;
    this.bauds.push(baud);
  }

  async setModemLines(): Promise<void> {
    throw new StationError('S04', 'Port /dev/scripted refused its modem lines.');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }

  /** The other side sends these bytes after a while. */
  push(bytes: Uint8Array, afterMs = 0): void {
    this.clock.after(afterMs, () => this.#input.add(bytes));
  }

  /** The other side prints a text after a while. */
  print(text: string, afterMs = 0): void {
    this.push(new Uint8Array(Buffer.from(text, 'latin1')), afterMs);
  }

  /** The other side answers with a packet after a while. */
  reply(opcode: number, fields: Partial<ReplyFields> = {}, afterMs = 1): void {
    this.push(encodeSlip(replyPacket(opcode, fields)), afterMs);
  }

  /** The port disappears. */
  vanish(): void {
    this.#input.fail(new StationError('S04', 'Port /dev/scripted has gone.'));
  }
}

export interface ReplyFields {
  readonly value: number;
  readonly data: Uint8Array;
  readonly status: number;
  readonly error: number;
}

export function replyPacket(opcode: number, fields: Partial<ReplyFields> = {}): Uint8Array {
  const { value = 0, data = new Uint8Array(0), status = 0, error = 0 } = fields;
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, opcode);
  view.setUint16(2, data.length + 2, true);
  view.setUint32(4, value, true);
  return concatBytes([header, data, Uint8Array.of(status, error)]);
}

/** An output line that remembers when it was driven (true) and released (false). */
export class RecordedLine implements OutputLine {
  readonly changes: { readonly atMs: number; readonly active: boolean }[] = [];
  onChange: (active: boolean) => void = () => undefined;
  active = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  set(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    this.changes.push({ atMs: this.#clock.monotonic(), active });
    this.onChange(active);
  }

  [Symbol.dispose](): void {
    this.set(false);
  }
}

/** Moves the clock until the work has ended. @throws what the work throws, or when it lasts longer than allowed */
export async function inVirtualTime<T>(clock: VirtualClock, work: Promise<T>, limitMs = 600_000): Promise<T> {
  const state = { ended: false };
  const watched = work.finally(() => {
    state.ended = true;
  });
  watched.catch(() => undefined);
  for (let elapsed = 0; !state.ended; elapsed += 1) {
    if (elapsed > limitMs) throw new Error(`The work has not ended after ${limitMs} ms of virtual time.`);
    await clock.elapse(1);
  }
  return watched;
}
