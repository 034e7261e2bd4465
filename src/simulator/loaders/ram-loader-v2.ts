import { RamLoaderSink } from '../uart/byte-sinks.ts';
import { BLOCK_BYTES, SECTOR_BYTES } from '../flash/flash-memory.ts';
import type { KnownRamLoader } from '../chip/known-ram-loaders.ts';
import type { Exit, Machine } from '../chip/machine.ts';
import { completed, type Program } from '../chip/processor.ts';
import { reply } from './replies.ts';
import { judgeFrame } from './request-rules.ts';
import * as ram from './ram-commands.ts';
import type { Command, Result } from './ram-commands.ts';
import { ramErrors } from './ram-errors.ts';
import { op } from './ram-opcodes.ts';
import { generation2Slip } from '../uart/slip-receiver.ts';
import * as spi from '../flash/spi-routines.ts';
import { V2FlashWrite } from './v2-flash-write.ts';
import {
  DATA_HEADER_BYTES,
  framed,
  HEADER_BYTES,
  parseRequest,
  replyHeader,
  type Request,
  word,
} from '../uart/wire.ts';

/** Bytes behind a request that its receive interrupt takes along; protocol reference §6.5. */
const DEAF_BYTES = 32;
const START_MS = 10;
const REPLY_MS = 0.3;
/** How long an erased sector may take before the loader gives up. */
const SECTOR_LIMIT_MS = 120;
/** What CHANGE_BAUDRATE takes for the present rate, whatever the request says. */
const ASSUMED_BAUD = 115_200;

/** The loader that esptool 5.3 and esptool-js 0.7 upload; protocol reference §6. */
export class RamLoaderV2 {
  readonly #machine: Machine;
  readonly #write: V2FlashWrite;
  /** Error of the last write: the answer to the next command, whatever it is. */
  #deferred: number = ramErrors.none;

  constructor(machine: Machine, loader: KnownRamLoader) {
    this.#machine = machine;
    this.#write = new V2FlashWrite(machine, loader.skipsBlank);
  }

  /** @param greets false: it has been running for a while */
  *run(greets = true): Program<Exit> {
    yield* spi.attach(this.#machine);
    yield START_MS;
    const note = (violation: string): void => this.#machine.note(violation);
    this.#machine.uart.open(new RamLoaderSink(generation2Slip, DEAF_BYTES, note));
    if (greets) this.#machine.send(framed(new TextEncoder().encode('OHAI')));
    for (;;) {
      const frame = yield 'frame';
      yield REPLY_MS;
      const exit = yield* this.#answer(frame);
      if (exit !== undefined) return exit;
    }
  }

  *#answer(frame: Uint8Array): Program<Exit | undefined> {
    const opcode = frame[1] ?? 0;
    judgeFrame(frame, 'ram', this.#machine.note);
    if (opcode === op.runUserCode) {
      this.#machine.note('RUN_USER_CODE was sent to loader v2, which does nothing.');
      this.#machine.uart.sink?.answered();
      return undefined;
    }
    const result = yield* this.#execute(frame);
    const data = result.data ?? new Uint8Array(0);
    const header = replyHeader(opcode, data.length + 2, result.value ?? 0);
    const bytes = framed(header, data, Uint8Array.of(result.code, 0));
    yield* reply(this.#machine, opcode, bytes, result.replies);
    return result.after === undefined ? undefined : yield* result.after();
  }

  *#execute(frame: Uint8Array): Program<Result> {
    if (frame.length < HEADER_BYTES) return this.#refused(frame, ramErrors.notEnough);
    const request = parseRequest(frame);
    if (request.direction !== 0) return this.#refused(frame, ramErrors.invalid);
    if (request.payload.length !== request.length) return this.#refused(frame, ramErrors.length);
    if (this.#deferred !== ramErrors.none) {
      const code = this.#deferred;
      this.#deferred = ramErrors.none;
      return { code };
    }
    const command = this.#commands.get(request.op);
    const result = command === undefined ? { code: unknownOp(request.op) } : yield* completed(command(request));
    if (result.code !== ramErrors.none) return this.#refused(frame, result.code);
    this.#machine.faults.understood();
    return result;
  }

  #refused(frame: Uint8Array, code: number): Result {
    this.#machine.note(`Loader v2 refused request 0x${(frame[1] ?? 0).toString(16)} with 0x${code.toString(16)}.`);
    return { code };
  }

  readonly #commands: ReadonlyMap<number, Command> = new Map<number, Command>([
    [op.flashBegin, (request) => this.#write.begin(request, false)],
    [op.deflateBegin, (request) => this.#write.begin(request, true)],
    [op.flashData, (request) => this.#data(request, false)],
    [op.deflateData, (request) => this.#data(request, true)],
    [op.flashEnd, (request) => this.#write.end(request)],
    [op.deflateEnd, (request) => this.#write.end(request)],
    [op.memoryBegin, (request) => ram.memoryBegin(this.#machine, request)],
    [op.memoryData, (request) => this.#memoryData(request)],
    [op.memoryEnd, (request) => ram.memoryEnd(this.#machine, request, word(request.payload, 0) === 0)],
    [op.sync, ram.sync],
    [op.writeRegister, (request) => ram.writeRegisters(this.#machine, request)],
    [op.readRegister, (request) => ram.readRegister(this.#machine, request)],
    // Changes a record that nothing reads which matters here, protocol reference §6.9.
    [op.setFlashParameters, (request) => lengthIs(request, 24)],
    [op.attachFlash, (request) => lengthIs(request, 4, 8)],
    [op.changeBaud, (request) => this.#changeBaud(request)],
    [op.digest, (request) => this.#digest(request)],
    [op.eraseChip, (request) => this.#eraseChip(request)],
    [op.eraseRegion, (request) => this.#eraseRegion(request)],
    [op.readFlash, (request) => this.#readFlash(request)],
  ]);

  #data(request: Request, compressed: boolean): Result {
    const result = this.#write.data(request, compressed);
    const { work } = result;
    if (work === undefined) return result;
    return { code: ramErrors.none, after: () => this.#writeBlock(work) };
  }

  /** Behind the reply, while the next block arrives. */
  *#writeBlock(work: Program<number>): Program<undefined> {
    if (this.#machine.faults.diesAfterDataBlock()) yield 'forever';
    this.#deferred = yield* work;
  }

  #memoryData({ payload }: Request): Result {
    if (!this.#machine.uploaded.begun) return { code: ramErrors.notBegun };
    const data = payload.subarray(DATA_HEADER_BYTES);
    if (data.length !== word(payload, 0)) return { code: ramErrors.tooMuch };
    this.#machine.uploaded.append(data);
    return ram.ok;
  }

  #changeBaud(request: Request): Result {
    if (request.length !== 8) return { code: ramErrors.length };
    return ram.changeBaud(this.#machine, request, ASSUMED_BAUD, 5);
  }

  *#digest({ payload, length }: Request): Program<Result> {
    if (length !== 16) return { code: ramErrors.length };
    const data = yield* ram.digestOf(this.#machine, word(payload, 0), word(payload, 1));
    return data === null ? { code: ramErrors.spi } : { code: ramErrors.none, data };
  }

  *#eraseChip({ length }: Request): Program<Result> {
    if (length !== 0) return { code: ramErrors.length };
    yield* spi.erase(this.#machine, 'chip', 0);
    return ram.ok;
  }

  /** Uses the controller itself, so the ROM's ceiling does not matter. */
  *#eraseRegion({ payload, length }: Request): Program<Result> {
    const [start, bytes] = [word(payload, 0), word(payload, 1)];
    if (length !== 8 || start % SECTOR_BYTES !== 0 || bytes % SECTOR_BYTES !== 0) return { code: ramErrors.length };
    for (let at = start; at < start + bytes;) {
      const block = at % BLOCK_BYTES === 0 && start + bytes - at >= BLOCK_BYTES;
      const unitBytes = block ? BLOCK_BYTES : SECTOR_BYTES;
      yield* spi.startErase(this.#machine, block ? 'block' : 'sector', at);
      const limitMs = (SECTOR_LIMIT_MS * unitBytes) / SECTOR_BYTES;
      if (this.#machine.flash.busyMs > limitMs) {
        yield limitMs;
        return { code: ramErrors.spi };
      }
      yield* spi.waitIdle(this.#machine);
      at += unitBytes;
    }
    return ram.ok;
  }

  #readFlash(request: Request): Result {
    if (request.length !== 16) return { code: ramErrors.length };
    return { code: ramErrors.none, after: () => this.#stream(request) };
  }

  *#stream(request: Request): Program<undefined> {
    if (word(request.payload, 2) > SECTOR_BYTES) {
      this.#machine.note('READ_FLASH asks loader v2 for blocks above 4096 bytes.');
      this.#deferred = ramErrors.blockSize;
    }
    // One block at a time, whatever the request allows.
    else if (!(yield* ram.streamFlash(this.#machine, request, 1))) this.#deferred = ramErrors.spi;
  }
}

function unknownOp(opcode: number): number {
  return opcode === 0x14 || (opcode >= 0xd5 && opcode <= 0xef) ? ramErrors.unknown : ramErrors.invalid;
}

function lengthIs({ length }: Request, ...right: readonly number[]): Result {
  return right.includes(length) ? ram.ok : { code: ramErrors.length };
}
