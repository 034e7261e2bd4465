import { RamLoaderSink } from '../uart/byte-sinks.ts';
import { BLOCK_BYTES, SECTOR_BYTES } from '../flash/flash-memory.ts';
import type { Exit, Machine } from '../chip/machine.ts';
import { completed, type Program } from '../chip/processor.ts';
import { brownOutAfter, delayed, sendCopies } from './replies.ts';
import { judgeFrame } from './request-rules.ts';
import * as ram from './ram-commands.ts';
import type { Command, Result } from './ram-commands.ts';
import { ramErrors } from './ram-errors.ts';
import { op } from './ram-opcodes.ts';
import { generation1Slip } from '../uart/slip-receiver.ts';
import * as spi from '../flash/spi-routines.ts';
import { V1FlashWrite } from './v1-flash-write.ts';
import {
  DATA_HEADER_BYTES,
  END,
  escaped,
  HEADER_BYTES,
  fourWords,
  framed,
  parseRequest,
  replyHeader,
  type Request,
  word,
  xorOf,
} from '../uart/wire.ts';

const REPLY_MS = 0.3;
const START_MS = 5;
const FLASH_BYTES = 16 * 1024 * 1024;
const DIGEST_BYTES = 16;
/** Second status byte behind a frame that is too long. */
const OVERSIZE = 0xee;

/** These answer any error with 01, protocol reference §2.4. */
const collapsing: ReadonlySet<number> = new Set([
  op.memoryBegin,
  op.memoryEnd,
  op.setFlashParameters,
  op.attachFlash,
  op.digest,
  op.eraseChip,
  op.eraseRegion,
]);

/** The loader that esptool uploads up to 5.2; protocol reference §2.3, §6. */
export class RamLoaderV1 {
  readonly #machine: Machine;
  readonly #write: V1FlashWrite;
  /** Two receive buffers by turns: an empty frame runs what was in the buffer. */
  readonly #buffers = [new Uint8Array(HEADER_BYTES), new Uint8Array(HEADER_BYTES)];
  #turn = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#write = new V1FlashWrite(machine);
  }

  /** @param greets false: it has been running for a while */
  *run(greets = true): Program<Exit> {
    const note = (violation: string): void => this.#machine.note(violation);
    this.#machine.uart.open(new RamLoaderSink(generation1Slip, 0, note));
    if (greets) this.#machine.send(framed(new TextEncoder().encode('OHAI')));
    // A request that comes in the meantime waits in the receiver: hosts send the next one right behind the greeting.
    yield* spi.attach(this.#machine);
    this.#machine.memory.flashCeiling = FLASH_BYTES;
    yield START_MS;
    for (;;) {
      const frame = yield 'frame';
      yield REPLY_MS;
      judgeFrame(frame, 'ram', this.#machine.note);
      const exit = yield* this.#answer(this.#buffered(frame));
      if (exit !== undefined) return exit;
    }
  }

  #buffered(frame: Uint8Array): Uint8Array {
    if (frame.length > 0) {
      const padded = new Uint8Array(Math.max(HEADER_BYTES, frame.length));
      padded.set(frame);
      this.#buffers[this.#turn] = padded;
    } else {
      this.#machine.note('An empty frame made loader v1 run an older request again.');
    }
    const current = this.#buffers[this.#turn] ?? frame;
    this.#turn = 1 - this.#turn;
    return current;
  }

  /** Header first, then the work, then the status. */
  *#answer(frame: Uint8Array): Program<Exit | undefined> {
    const request = parseRequest(frame);
    if (request.op === op.runUserCode) return { to: 'flash' };
    const fate = this.#machine.faults.replyTo(request.op);
    const send = (bytes: Uint8Array): void => {
      if (!fate.swallowed) this.#machine.send(bytes);
    };
    const begin = yield* this.#replyBegin(request);
    yield* delayed(fate);
    if (fate.extraDelimiter) send(Uint8Array.of(END));
    if (fate.brownOut) yield* brownOutAfter(this.#machine, begin);
    send(begin);
    const result = yield* this.#execute(request);
    const oversize = frame.length >= generation1Slip.limitBytes;
    const end = escaped(Uint8Array.of(oversize ? ramErrors.length : result.code, oversize ? OVERSIZE : 0));
    send(Uint8Array.of(...(result.data === undefined ? [] : escaped(result.data)), ...end, END));
    for (let sent = 1; sent < (result.replies ?? 1); sent++) send(Uint8Array.of(...begin, ...end, END));
    if (!fate.swallowed) sendCopies(this.#machine, fate, Uint8Array.of(...begin, ...end, END));
    this.#machine.uart.sink?.answered();
    return result.after === undefined ? undefined : yield* result.after();
  }

  *#replyBegin(request: Request): Program<Uint8Array> {
    // The digest's length is announced even when none follows.
    const dataBytes = request.op === op.digest ? DIGEST_BYTES + 2 : 2;
    const read = request.op === op.readRegister ? yield* ram.readRegister(this.#machine, request) : ram.ok;
    return Uint8Array.of(END, ...escaped(replyHeader(request.op, dataBytes, read.value ?? 0)));
  }

  *#execute(request: Request): Program<Result> {
    const command = this.#commands.get(request.op);
    const result = command === undefined ? { code: ramErrors.unknown } : yield* completed(command(request));
    if (result.code === ramErrors.none) {
      this.#machine.faults.understood();
      return result;
    }
    const code = collapsing.has(request.op) ? ramErrors.collapsed : result.code;
    this.#machine.note(`Loader v1 refused request 0x${request.op.toString(16)} with 0x${result.code.toString(16)}.`);
    return { ...result, code };
  }

  readonly #commands: ReadonlyMap<number, Command> = new Map<number, Command>([
    [op.flashBegin, (request) => this.#write.begin(request, false)],
    [op.deflateBegin, (request) => this.#write.begin(request, true)],
    [op.flashData, (request) => this.#write.data(request, false)],
    [op.deflateData, (request) => this.#write.data(request, true)],
    [op.flashEnd, (request) => this.#write.end(request)],
    [op.deflateEnd, (request) => this.#write.end(request)],
    [op.memoryBegin, (request) => ram.memoryBegin(this.#machine, request)],
    [op.memoryData, (request) => this.#memoryData(request)],
    [op.memoryEnd, (request) => ram.memoryEnd(this.#machine, request, word(request.payload, 1) !== 0)],
    [op.sync, ram.sync],
    [op.writeRegister, (request) => ram.writeRegisters(this.#machine, request)],
    [op.readRegister, checkedRead],
    [op.setFlashParameters, (request) => this.#setFlashParameters(request)],
    [op.attachFlash, attachFlash],
    [op.changeBaud, (request) => this.#changeBaud(request)],
    [op.digest, (request) => this.#digest(request)],
    [op.eraseChip, (request) => this.#eraseChip(request)],
    [op.eraseRegion, (request) => this.#eraseRegion(request)],
    [op.readFlash, (request) => this.#readFlash(request)],
  ]);

  #memoryData({ payload, checksum }: Request): Result {
    const data = payload.subarray(DATA_HEADER_BYTES);
    if (!this.#machine.uploaded.begun) return { code: ramErrors.notBegun };
    if (data.length !== word(payload, 0) || data.length % 4 !== 0) return { code: ramErrors.length };
    if (xorOf(data) !== checksum) return { code: ramErrors.checksum };
    this.#machine.uploaded.append(data);
    return ram.ok;
  }

  #setFlashParameters({ payload, length }: Request): Result {
    if (length !== 24) return { code: ramErrors.length };
    this.#machine.memory.setFlashchip([0, 1, 2, 3, 4, 5].map((index) => word(payload, index)));
    return ram.ok;
  }

  #changeBaud(request: Request): Result {
    if (request.length !== 8) return { code: ramErrors.length };
    return ram.changeBaud(this.#machine, request, word(request.payload, 1), 10);
  }

  *#digest({ payload, length }: Request): Program<Result> {
    const [address, bytes] = [word(payload, 0), word(payload, 1)];
    // SPIRead takes whole words only.
    if (length !== 16 || address % 4 !== 0 || bytes % 4 !== 0) return { code: ramErrors.length };
    const data = yield* ram.digestOf(this.#machine, address, bytes);
    return data === null ? { code: ramErrors.spi } : { code: ramErrors.none, data };
  }

  *#eraseChip({ length }: Request): Program<Result> {
    if (length !== 0) return { code: ramErrors.length };
    yield* spi.erase(this.#machine, 'chip', 0);
    return ram.ok;
  }

  /** Sectors to the first block boundary, blocks while more than one is left, then sectors. */
  *#eraseRegion({ payload, length }: Request): Program<Result> {
    const [start, bytes] = [word(payload, 0), word(payload, 1)];
    if (length !== 8 || start % SECTOR_BYTES !== 0 || bytes % SECTOR_BYTES !== 0) return { code: ramErrors.length };
    yield* spi.unlock(this.#machine);
    for (let at = start; at < start + bytes;) {
      const block = at % BLOCK_BYTES === 0 && start + bytes - at > BLOCK_BYTES;
      yield* spi.erase(this.#machine, block ? 'block' : 'sector', at);
      at += block ? BLOCK_BYTES : SECTOR_BYTES;
    }
    return ram.ok;
  }

  #readFlash(request: Request): Result {
    if (request.length !== 16) return { code: ramErrors.length };
    return { code: ramErrors.none, after: () => this.#stream(request) };
  }

  *#stream(request: Request): Program<undefined> {
    const [address, total, blockBytes, inFlight] = fourWords(request.payload);
    // SPIRead takes whole words only.
    const ragged = [address, total, blockBytes].some((value) => value % 4 !== 0);
    if (ragged || blockBytes > SECTOR_BYTES) {
      this.#machine.note('READ_FLASH asks loader v1 for blocks above 4096 bytes or for parts of words: it hangs.');
      yield 'forever';
    }
    if (!(yield* ram.streamFlash(this.#machine, request, inFlight))) yield 'forever';
  }
}

function attachFlash({ length }: Request): Result {
  return length === 4 || length === 8 ? ram.ok : { code: ramErrors.length };
}

/** The value has gone out with the header. */
function checkedRead({ length }: Request): Result {
  return length === 4 ? ram.ok : { code: ramErrors.length };
}
