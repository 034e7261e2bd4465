import { SimulatedChip } from '../dist/simulator/chip/chip.js';

const bitsPerByte = 10;
const [END, ESCAPE] = [0xc0, 0xdb];
const unescaped = new Map([
  [0xdc, END],
  [0xdd, ESCAPE],
]);
/** Enough to tell what a frame is: the header of a packet and the first word of its fields. */
const headBytes = 12;

/**
 * One frame, or some bytes outside frames, with the times at which its first bit began and its last one ended.
 * @typedef {{ from: 'host' | 'chip', kind: 'frame' | 'text', startMs: number, endMs: number, bytes: number,
 *   baud: number, head: readonly number[] }} Transmission
 */

/** @typedef {{ atMs: number, line: 'rst' | 'gpio0', low: boolean }} Edge */

/** Cuts the bytes of one direction into frames (protocol reference §2.1). */
class FrameTimer {
  #from;
  #onDone;
  /** @type {Transmission | null} */
  #open = null;
  #escaping = false;

  /** @param {'host' | 'chip'} from @param {(done: Transmission) => void} onDone */
  constructor(from, onDone) {
    this.#from = from;
    this.#onDone = onDone;
  }

  /**
   * @param {Uint8Array} bytes sent one behind the other
   * @param {number} startMs of the first one
   * @param {number} baud
   */
  push(bytes, startMs, baud) {
    const byteMs = (bitsPerByte * 1000) / baud;
    for (const [index, byte] of bytes.entries()) {
      const atMs = startMs + index * byteMs;
      if (byte === END) this.#delimiter(atMs, byteMs, baud);
      else this.#content(byte, atMs, byteMs, baud);
    }
    if (this.#open?.kind === 'text') this.#finish();
  }

  /** @param {number} atMs @param {number} byteMs @param {number} baud */
  #delimiter(atMs, byteMs, baud) {
    const open = this.#open;
    if (open?.kind === 'frame' && open.bytes > 1) {
      open.bytes += 1;
      open.endMs = atMs + byteMs;
      this.#finish();
      return;
    }
    this.#finish();
    this.#open = this.#begin('frame', atMs, byteMs, baud);
    this.#open.bytes = 1;
  }

  /** @param {number} byte @param {number} atMs @param {number} byteMs @param {number} baud */
  #content(byte, atMs, byteMs, baud) {
    const open = (this.#open ??= this.#begin('text', atMs, byteMs, baud));
    open.bytes += 1;
    open.endMs = atMs + byteMs;
    const head = /** @type {number[]} */ (open.head);
    if (byte === ESCAPE && !this.#escaping) {
      this.#escaping = true;
      return;
    }
    if (head.length < headBytes) head.push(this.#escaping ? (unescaped.get(byte) ?? byte) : byte);
    this.#escaping = false;
  }

  /** @param {'frame' | 'text'} kind @param {number} atMs @param {number} byteMs @param {number} baud */
  #begin(kind, atMs, byteMs, baud) {
    this.#escaping = false;
    return /** @type {Transmission} */ ({
      from: this.#from,
      kind,
      startMs: atMs,
      endMs: atMs + byteMs,
      bytes: 0,
      baud,
      head: [],
    });
  }

  #finish() {
    const open = this.#open;
    this.#open = null;
    if (open !== null && open.bytes > 1) this.#onDone(open);
  }
}

/** What went over the line, and the edges of RST and GPIO0, in ms of `performance.now()`. */
export class WireLog {
  /** @type {Transmission[]} */
  transmissions = [];
  /** @type {Edge[]} */
  edges = [];
  #fromHost = new FrameTimer('host', (done) => void this.transmissions.push(done));
  #fromChip = new FrameTimer('chip', (done) => void this.transmissions.push(done));
  #chipFreeMs = 0;

  /** Bytes that have just arrived at the module: the paced line has taken their time before. */
  heard(/** @type {Uint8Array} */ bytes, /** @type {number} */ baud) {
    this.#fromHost.push(bytes, performance.now() - (bytes.length * bitsPerByte * 1000) / baud, baud);
  }

  /** Bytes that the module begins to send, behind what it is still sending. */
  sent(/** @type {Uint8Array} */ bytes, /** @type {number} */ baud) {
    const startMs = Math.max(performance.now(), this.#chipFreeMs);
    this.#chipFreeMs = startMs + (bytes.length * bitsPerByte * 1000) / baud;
    this.#fromChip.push(bytes, startMs, baud);
  }

  edge(/** @type {'rst' | 'gpio0'} */ line, /** @type {boolean} */ low) {
    this.edges.push({ atMs: performance.now(), line, low });
  }
}

/** A simulated module that keeps a log of its contacts. */
export class LoggedChip extends SimulatedChip {
  log = new WireLog();

  /** @override */
  set onTransmit(/** @type {(bytes: Uint8Array, baud: number) => void} */ listener) {
    super.onTransmit = (bytes, baud) => {
      this.log.sent(bytes, baud);
      listener(bytes, baud);
    };
  }

  /** @override */
  receive(/** @type {Uint8Array} */ bytes, /** @type {number} */ hostBaud) {
    this.log.heard(bytes, hostBaud);
    super.receive(bytes, hostBaud);
  }

  /** @override */
  setReset(/** @type {boolean} */ low) {
    this.log.edge('rst', low);
    super.setReset(low);
  }

  /** @override */
  setGpio0(/** @type {boolean} */ low) {
    this.log.edge('gpio0', low);
    super.setGpio0(low);
  }
}
