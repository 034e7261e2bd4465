import { addresses } from '../chip/address-space.ts';
import { type Exit, jumpTo, type Machine } from '../chip/machine.ts';
import { completed, type Program } from '../chip/processor.ts';
import { reply } from './replies.ts';
import { judgeFrame } from './request-rules.ts';
import { blockOf, MAX_ROM_BLOCK, RomFlash, RomTransfer, romErrors } from './rom-flash.ts';
import { fourWords, framed, HEADER_BYTES, parseRequest, replyHeader, type Request, word } from '../uart/wire.ts';

const SYNC = 0x08;
const SYNC_REPLIES = 8;
/** From the last byte of a request to the reply when nothing else takes time, ms. */
const REPLY_MS = 0.3;

interface Answer {
  readonly error: number;
  readonly exit?: Exit;
}

type Command = (request: Request) => Answer | Program<Answer>;

/** The loader in the mask ROM; protocol reference §2, §3, §5. */
export class RomLoader {
  readonly #machine: Machine;
  readonly #flash: RomFlash;
  readonly #memoryBlocks = new RomTransfer();
  #lastOp = 0;
  #value = 0;
  #error = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#flash = new RomFlash(machine);
  }

  /** Answers requests until one of them leaves the loader. */
  *run(): Program<Exit> {
    for (;;) {
      const frame = yield 'frame';
      // The frame stays where it was received: what was uploaded there is gone (protocol reference §6.2).
      this.#machine.memory.write(addresses.frameBuffer, frame);
      yield REPLY_MS;
      judgeFrame(frame, 'rom', this.#machine.note);
      const answer = yield* this.#execute(this.#requestOf(frame));
      if (answer !== undefined) return answer;
    }
  }

  /** The header's length rules: a frame that is too short is completed with what the buffer still holds. */
  #requestOf(frame: Uint8Array): Request {
    const { length } = parseRequest(this.#machine.memory.read(addresses.frameBuffer, HEADER_BYTES));
    return parseRequest(
      this.#machine.memory.read(addresses.frameBuffer, HEADER_BYTES + Math.max(length, frame.length)),
    );
  }

  *#execute(request: Request): Program<Exit | undefined> {
    const command = request.direction === 0 ? this.#commands.get(request.op) : undefined;
    if (command === undefined) {
      this.#machine.note(`The ROM has no request 0x${request.op.toString(16)} in direction ${request.direction}.`);
      yield* this.#reply(romErrors.invalid);
      return undefined;
    }
    this.#lastOp = request.op;
    const { error, exit } = yield* completed(command(request));
    if (error !== romErrors.none) {
      this.#machine.note(`The ROM refused request 0x${request.op.toString(16)} with 0x${error.toString(16)}.`);
    }
    if (error === romErrors.none) this.#machine.faults.understood();
    yield* this.#reply(error);
    if (isData(request.op) && error === romErrors.none && this.#machine.faults.diesAfterDataBlock()) yield 'forever';
    return exit;
  }

  /** Under the opcode of the last request that was understood; the error byte stays from an earlier failure. */
  *#reply(error: number): Program {
    if (error !== romErrors.none) this.#error = error;
    const status = error === romErrors.none ? 0 : 1;
    const bytes = framed(replyHeader(this.#lastOp, 2, this.#value), Uint8Array.of(status, this.#error));
    yield* reply(this.#machine, this.#lastOp, bytes, this.#lastOp === SYNC ? SYNC_REPLIES : 1);
  }

  readonly #commands: ReadonlyMap<number, Command> = new Map<number, Command>([
    [0x02, (request) => plain(this.#flash.begin(request))],
    [0x03, (request) => plain(this.#flash.data(request))],
    [0x04, () => leaving(this.#flash.end())],
    [0x05, (request) => this.#memoryBegin(request)],
    [0x06, (request) => this.#memoryEnd(request)],
    [0x07, (request) => this.#memoryData(request)],
    [SYNC, (request) => this.#sync(request)],
    [0x09, (request) => this.#writeRegisters(request)],
    [0x0a, (request) => this.#readRegister(request)],
    [0x0b, (request) => this.#setFlashParameters(request)],
  ]);

  #memoryBegin({ payload, length }: Request): Answer {
    if (length !== 16 || word(payload, 2) > MAX_ROM_BLOCK) return { error: romErrors.invalid };
    this.#memoryBlocks.begin(word(payload, 2));
    this.#machine.uploaded.begin(word(payload, 3), word(payload, 0));
    return { error: romErrors.none };
  }

  #memoryData(request: Request): Answer {
    const error = this.#memoryBlocks.accept(request, false);
    if (error === romErrors.none) this.#machine.uploaded.append(blockOf(request.payload));
    return { error };
  }

  #memoryEnd({ payload, length }: Request): Answer {
    if (length > 8) return { error: romErrors.invalid };
    if ((word(payload, 0) & 0xff) !== 0) return { error: romErrors.none };
    return { error: romErrors.none, exit: jumpTo(this.#machine, word(payload, 1)) };
  }

  #sync({ payload }: Request): Answer {
    this.#value = word(payload, 0);
    return this.#cleared();
  }

  *#writeRegisters({ payload, length }: Request): Program<Answer> {
    if (length % 16 !== 0) return { error: romErrors.invalid };
    for (let at = 0; at < length / 4; at += 4) {
      const [address, value, mask, delayUs] = fourWords(payload, at);
      yield (delayUs & 0xffff) / 1000;
      if (!this.#machine.memory.isWord(address)) return yield* this.#crash(address);
      const old = this.#machine.memory.read32(address);
      this.#machine.memory.write32(address, ((value & mask) | (old & ~mask)) >>> 0);
    }
    return this.#cleared();
  }

  *#readRegister({ payload, length }: Request): Program<Answer> {
    if (length !== 4) return { error: romErrors.invalid };
    const address = word(payload, 0);
    if (!this.#machine.memory.isWord(address)) return yield* this.#crash(address);
    this.#value = this.#machine.memory.read32(address);
    return this.#cleared();
  }

  #setFlashParameters({ payload, length }: Request): Answer {
    if (length !== 24) return { error: romErrors.invalid };
    this.#machine.memory.setFlashchip([0, 1, 2, 3, 4, 5].map((index) => word(payload, index)));
    return { error: romErrors.none };
  }

  #cleared(): Answer {
    this.#error = 0;
    return { error: romErrors.none };
  }

  *#crash(address: number): Program<never> {
    this.#machine.note(`Nothing is at address 0x${address.toString(16)}: the chip has crashed.`);
    for (;;) yield 'forever';
  }
}

function isData(op: number): boolean {
  return op === 0x03;
}

function* plain(work: Program<number>): Program<Answer> {
  return { error: yield* work };
}

/** The ROM leaves the loader after FLASH_END also when it has answered with an error. */
function* leaving(work: Program<number>): Program<Answer> {
  return { error: yield* work, exit: { to: 'flash' } };
}
