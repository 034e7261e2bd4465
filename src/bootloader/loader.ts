import type { Field, ValuesOf } from '../foundation/byte-fields.ts';
import { pack } from '../foundation/byte-fields.ts';
import { hex } from '../foundation/bytes.ts';
import type { Clock } from '../foundation/clock.ts';
import { within } from '../foundation/deadline.ts';
import type { Logger } from '../foundation/logger.ts';
import type { SerialLink } from '../serial/serial-link.ts';
import { commands, encodeFrame } from './commands.ts';
import type { Command } from './commands.ts';
import { decodeReply, encodeRequest } from './packet.ts';
import type { Reply } from './packet.ts';
import { refusal, silence } from './loader-faults.ts';
import { isOfDamage } from './rom-status.ts';
import { encodeSlip, SlipDecoder } from './slip.ts';

/** What became of a request. */
export type Answer = { readonly kind: 'done' | 'refused'; readonly reply: Reply } | { readonly kind: 'silent' };

export interface ExchangeOptions {
  /** Follows the fields of the request. */
  readonly data?: Uint8Array;
  /** In place of the time in the table of commands. */
  readonly allowMs?: number;
  /** The frame of this very request, where it was made beforehand. */
  readonly frame?: Uint8Array;
}

type Fields = readonly Field<string, number>[];

const bitsPerByte = 10;
// Aborts a frame that noise opened in the RAM loader and is skipped by everybody else (protocol reference §2.1).
const betweenFrames = Uint8Array.of(0xdb, 0x00);
const betweenFramesMs = 5;
const writeLimitMs = 1_000;
const unknownCommand = 0xc3;

/**
 * The talk with a loader in ROM or RAM. It answers one command at a time, so there is one pending request; answers
 * with another opcode are late ones and dropped.
 */
export class Loader {
  readonly link: SerialLink;
  readonly clock: Clock;
  /** A RAM loader answers, not the ROM's; they lose step with the host in different ways (protocol reference §2.1). */
  ramLoaderRuns = false;
  readonly #log: Logger;
  readonly #restAddress: number | null;
  readonly #decoder = new SlipDecoder();
  #frames: Uint8Array[] = [];
  #heardBytes = 0;
  #repeats = 0;
  #sentUntilMs = 0;

  /** @param restAddress of a register that any loader can read at any time; null: nobody says */
  constructor(link: SerialLink, clock: Clock, log: Logger, restAddress: number | null = null) {
    this.link = link;
    this.clock = clock;
    this.#log = log;
    this.#restAddress = restAddress;
  }

  /** Bytes received so far, whatever they were. */
  get heardBytes(): number {
    return this.#heardBytes;
  }

  /** Bytes of no frame. */
  get discardedBytes(): number {
    return this.#decoder.discardedBytes;
  }

  /** Requests sent again because nothing answered or because they arrived damaged. */
  get repeats(): number {
    return this.#repeats;
  }

  /** An answer cannot be right. */
  countRepeat(): void {
    this.#repeats += 1;
  }

  /** @throws StationError for a refusal or for silence, as the command's row says */
  async send<Request extends Fields>(
    command: Command<Request>,
    values: ValuesOf<Request>,
    signal: AbortSignal,
    options: ExchangeOptions = {},
  ): Promise<Reply> {
    const answer = await this.exchange(command, values, signal, options);
    if (answer.kind === 'done') return answer.reply;
    if (answer.kind === 'silent') throw silence(command);
    throw refusal(command, answer.reply);
  }

  /** As `send`, for requests whose refusal or silence is an expected answer. @throws StationError S04 */
  async exchange<Request extends Fields>(
    command: Command<Request>,
    values: ValuesOf<Request>,
    signal: AbortSignal,
    options: ExchangeOptions = {},
  ): Promise<Answer> {
    const wire = options.frame ?? encodeFrame(command, values, options.data);
    const limitMs = (options.allowMs ?? command.allowMs(values)) + this.wireMs(wire.length);
    for (let sent = 1; ; sent += 1) {
      const answer = await this.#ask(command, wire, limitMs, signal);
      const taken = answer.kind === 'done' || (answer.kind === 'refused' && !isOfDamage(answer.reply));
      if (taken || (answer.kind === 'refused' && sent >= command.tries)) {
        if (sent > 1) await this.#pastLateAnswers(command, limitMs, signal);
        return answer;
      }
      this.#log.debug({
        event: 'no-answer',
        command: command.name,
        kind: answer.kind,
        sent,
        limitMs: Math.round(limitMs),
      });
      if (sent >= command.tries) return answer;
      this.countRepeat();
      await this.#beforeRepeat(signal);
    }
  }

  /**
   * The answer to the first sending may still be under way and would pass for one to the next command of its kind. What
   * answers to another command has passed it. Registers are answered at once; there a short silence is enough.
   */
  async #pastLateAnswers(after: Pick<Command<Fields>, 'opcode'>, limitMs: number, signal: AbortSignal): Promise<void> {
    const [{ readReg }, address] = [commands, this.#restAddress];
    if (address === null || after.opcode === readReg.opcode) return this.untilQuiet(50, 500, signal);
    await this.#ask(readReg, encodeFrame(readReg, { address }), limitMs, signal);
  }

  /** Inside an empty frame, which the ROM stays in after a lost delimiter, `DB 00` would cost it the repeat too. */
  async #beforeRepeat(signal: AbortSignal): Promise<void> {
    if (this.ramLoaderRuns) await this.leaveFrame(signal);
    else await this.#untilSent(signal);
  }

  /** The next frame, packet or not; null when none is complete in time. */
  async frame(limitMs: number, signal: AbortSignal): Promise<Uint8Array | null> {
    return this.#inTime(limitMs, signal, (own) => this.#nextFrame(own));
  }

  /** Sends a request whose answer the caller picks out of the frames that follow. */
  async post<Request extends Fields>(
    command: Command<Request>,
    values: ValuesOf<Request>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#frames = [];
    await this.#write(encodeSlip(encodeRequest(command.opcode, pack(command.request, values))), signal);
  }

  /** Reads and drops until the line has been silent for a while or the limit is reached. */
  async untilQuiet(quietMs: number, limitMs: number, signal: AbortSignal): Promise<void> {
    const end = this.clock.monotonic() + limitMs;
    let heard: Uint8Array | null;
    do {
      heard = await this.#inTime(quietMs, signal, (own) => this.link.read(own));
      if (heard !== null) this.#heard(heard);
    } while (heard !== null && this.clock.monotonic() < end);
    this.#frames = [];
  }

  /**
   * Brings a RAM loader that noise has put out of step back between two frames; harmless to others. A refusal may come
   * before the end of the frame it is for, so what is still on its way is waited for.
   */
  async leaveFrame(signal: AbortSignal): Promise<void> {
    await this.#untilSent(signal);
    await this.#write(betweenFrames, signal);
    await this.clock.sleep(betweenFramesMs + this.wireMs(betweenFrames.length), signal);
  }

  /** @returns the 32-bit value. The address must exist: the loaders do not check it. */
  async readRegister(address: number, signal: AbortSignal): Promise<number> {
    let reply = await this.send(commands.readReg, { address }, signal);
    // A byte too many has moved the value.
    if (reply.data.length > 0) {
      this.countRepeat();
      reply = await this.send(commands.readReg, { address }, signal);
    }
    return reply.value;
  }

  /** Time that so many bytes take on the wire at the host's rate, ms. */
  wireMs(bytes: number): number {
    return (bytes * bitsPerByte * 1_000) / this.link.baud;
  }

  async #ask<Request extends Fields>(
    command: Command<Request>,
    wire: Uint8Array,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Answer> {
    this.#frames = [];
    const reply = await this.#inTime(limitMs, signal, async (own) => {
      await this.#write(wire, own);
      for (;;) {
        const frame = await this.#nextFrame(own);
        const candidate = decodeReply(frame);
        // An opcode that was damaged on its way is refused under what it had become.
        const isOurs = candidate?.opcode === command.opcode || candidate?.status === unknownCommand;
        if (candidate !== null && isOurs) return candidate;
        this.#log.debug({ event: 'frame-dropped', waitingFor: command.name, bytes: hex(frame.subarray(0, 32)) });
      }
    });
    if (reply === null) return { kind: 'silent' };
    return reply.status === 0 ? { kind: 'done', reply } : { kind: 'refused', reply };
  }

  async #untilSent(signal: AbortSignal): Promise<void> {
    await this.clock.sleep(Math.max(0, this.#sentUntilMs - this.clock.monotonic()), signal);
  }

  /** Within the time of the wire and a little: a port that takes no bytes must not hold the run. */
  async #write(wire: Uint8Array, signal: AbortSignal): Promise<void> {
    const leftMs = Math.max(0, this.#sentUntilMs - this.clock.monotonic()) + this.wireMs(wire.length);
    this.#sentUntilMs = this.clock.monotonic() + leftMs;
    await this.#inTime(leftMs + writeLimitMs, signal, (own) => this.link.write(wire, own));
  }

  async #nextFrame(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      this.#heard(await this.link.read(signal));
    }
  }

  #heard(bytes: Uint8Array): void {
    this.#heardBytes += bytes.length;
    this.#frames.push(...this.#decoder.push(bytes));
  }

  async #inTime<T>(limitMs: number, signal: AbortSignal, work: (own: AbortSignal) => Promise<T>): Promise<T | null> {
    const over = new Error('The time is over.');
    try {
      return await within(this.clock, limitMs, () => over, signal, work);
    } catch (error) {
      if (error === over) return null;
      throw error;
    }
  }
}
