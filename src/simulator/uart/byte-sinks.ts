import { END } from './wire.ts';
import { SlipReceiver, type SlipRules, romSlip } from './slip-receiver.ts';
import type { ByteSink } from './uart.ts';

/** The UART's queue and the ROM's ring together; protocol reference §4.1. */
const ROM_QUEUE_BYTES = 128 + 256;

/** The ROM's receiver: queues bytes while the ROM is at work and drops those that do not fit. */
export class RomSink implements ByteSink {
  readonly #slip: SlipReceiver;
  readonly #note: (violation: string) => void;
  readonly #queue: number[] = [];
  #tookInPiece = 0;
  #overrun = false;
  /** A request is in work; and what came meanwhile is still in the queue. */
  #working = false;
  #early = false;
  #heardFrame = false;

  constructor(note: (violation: string) => void) {
    this.#note = note;
    // What is left of the SYNC that trained the rate ends in a delimiter.
    this.#slip = new SlipReceiver(romSlip, (violation) => {
      if (this.#heardFrame) note(violation);
    });
  }

  beginPiece(): void {
    this.#tookInPiece = 0;
  }

  get working(): boolean {
    return this.#working;
  }

  answered(): void {
    this.#working = false;
  }

  push(byte: number): void {
    this.#early ||= this.#working;
    if (this.#queue.length < ROM_QUEUE_BYTES) {
      this.#queue.push(byte);
      return;
    }
    if (!this.#overrun) this.#note('Bytes were sent while the ROM was at work, more than its queue holds.');
    this.#overrun = true;
  }

  take(): Uint8Array | undefined {
    for (let done = 0; done < this.#queue.length; done++) {
      const frame = this.#slip.push(this.#queue[done] ?? 0);
      if (frame === undefined) continue;
      this.#heardFrame = true;
      this.#queue.splice(0, done + 1);
      this.#overrun = false;
      // SYNC may be repeated blindly: that is how a host finds out whether anybody listens.
      const early = this.#tookInPiece++ > 0 || this.#early;
      this.#working = true;
      this.#early = this.#queue.length > 0;
      if (early && frame[1] !== 0x08) {
        this.#note(`Request 0x${(frame[1] ?? 0).toString(16)} was sent before the reply to the one before.`);
      }
      return frame;
    }
    this.#queue.length = 0;
    this.#early = false;
    return undefined;
  }
}

/** Acknowledgements of READ_FLASH, protocol reference §6.8. */
const ACK_BYTES = 4;
/** More acknowledgements than any window has; what a flood brings beyond is lost. */
const MAX_FRAMES = 256;

/** The receiver of a RAM loader: holds one request and hears nothing until the main loop has taken it. */
export class RamLoaderSink implements ByteSink {
  readonly #slip: SlipReceiver;
  readonly #deafBytes: number;
  readonly #note: (violation: string) => void;
  readonly #frames: Uint8Array[] = [];
  #full = false;
  #deaf = 0;
  #lost = false;
  /** A request is in work; and a frame began meanwhile. */
  #working = false;
  #early = false;

  /** @param deafBytes how many bytes right behind a request are lost; protocol reference §6.5 */
  constructor(rules: SlipRules, deafBytes: number, note: (violation: string) => void) {
    this.#slip = new SlipReceiver(rules, note);
    this.#deafBytes = deafBytes;
    this.#note = note;
  }

  beginPiece(): void {
    this.#deaf = 0;
  }

  get working(): boolean {
    return this.#working;
  }

  answered(): void {
    this.#working = false;
  }

  push(byte: number): void {
    if (this.#full || this.#deaf > 0) {
      this.#deaf--;
      if (!this.#lost) this.#note('A frame was sent before the reply to the one before and is lost.');
      this.#lost = true;
      return;
    }
    const wasInside = this.#slip.inside;
    const frame = this.#slip.push(byte);
    if (!wasInside && byte === END) this.#early = this.#working;
    if (frame === undefined) return;
    if (this.#early && frame.length !== ACK_BYTES) this.#note('A frame was sent before the reply to the one before.');
    if (this.#frames.length < MAX_FRAMES) this.#frames.push(frame);
    this.#lost = false;
    if (frame.length === ACK_BYTES) return;
    this.#full = true;
    this.#deaf = this.#deafBytes;
  }

  take(): Uint8Array | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined && frame.length !== ACK_BYTES) this.#working = true;
    if (this.#frames.length === 0) this.#full = false;
    return frame;
  }
}
