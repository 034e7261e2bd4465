import { concatBytes } from '../../foundation/bytes.ts';
import { BlockOrder } from './block-order.ts';
import { InflateStream } from '../inflate/inflate-stream.ts';
import type { Exit, Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';
import { ok, type Result } from './ram-commands.ts';
import { ramErrors } from './ram-errors.ts';
import { PIECE_BYTES, RegionWriter } from './region-writer.ts';
import * as spi from '../flash/spi-routines.ts';
import { DATA_HEADER_BYTES, type Request, word, xorOf } from '../uart/wire.ts';

const MAX_BLOCK = 0x4000;

interface Operation {
  readonly writer: RegionWriter;
  readonly inflate: InflateStream;
  readonly order: BlockOrder;
}

/** FLASH_BEGIN … FLASH_DEFL_END of the first generation; protocol reference §3.1–§3.3, §6.5–§6.7. */
export class V1FlashWrite {
  readonly #machine: Machine;
  #operation: Operation | undefined;
  /** Kept until the next BEGIN: every data frame and the END report it. */
  #lastError: number = ramErrors.none;
  /** Output that does not fill a piece yet. No BEGIN clears it: what an aborted stream left is written first. */
  #output: Uint8Array = new Uint8Array(0);

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  *begin({ payload, length }: Request, compressed: boolean): Program<Result> {
    if (length !== 16 && length !== 20) return { code: ramErrors.length };
    if (word(payload, 2) > MAX_BLOCK) return { code: ramErrors.blockSize };
    yield* spi.unlock(this.#machine);
    const rules = { skipsBlank: false, oneSectorAhead: true };
    const writer = new RegionWriter(this.#machine, word(payload, 3), word(payload, 0), rules);
    this.#operation = { writer, inflate: new InflateStream(), order: new BlockOrder(this.#machine.note) };
    this.#lastError = ramErrors.none;
    if (compressed) yield* writer.eraseNext();
    return ok;
  }

  data({ payload, checksum }: Request, compressed: boolean): Result {
    const operation = this.#operation;
    if (operation === undefined) return { code: ramErrors.notBegun };
    const data = payload.subarray(DATA_HEADER_BYTES);
    if (!compressed && data.length !== word(payload, 0)) return { code: ramErrors.length };
    const refusal = xorOf(data) === checksum ? this.#machine.faults.refusalOfBlock() : 'checksum';
    if (refusal !== null) return { code: ramErrors[refusal] };
    if (this.#lastError !== ramErrors.none) return { code: this.#lastError };
    operation.order.take(word(payload, 1));
    const work = compressed ? this.#inflate(operation, data) : writeTrimmed(operation, data);
    return { code: ramErrors.none, after: () => this.#writeBlock(work) };
  }

  /** Behind the reply, while the next block arrives. */
  *#writeBlock(work: Program<number>): Program<undefined> {
    if (this.#machine.faults.diesAfterDataBlock()) yield 'forever';
    this.#lastError = yield* work;
  }

  end({ payload, length }: Request): Result {
    if (length !== 4) return { code: ramErrors.length };
    if (this.#operation === undefined) return { code: ramErrors.notBegun };
    if (this.#operation.writer.remaining > 0) return { code: ramErrors.notEnough };
    this.#operation = undefined;
    const code = this.#lastError;
    return word(payload, 0) === 0 ? { code, after: softwareReset } : { code };
  }

  *#inflate(operation: Operation, data: Uint8Array): Program<number> {
    const { inflate, writer } = operation;
    this.#output = concatBytes([this.#output, inflate.push(data)]);
    const writable = (): number => (inflate.complete ? 1 : PIECE_BYTES);
    while (this.#output.length >= writable() && writer.remaining > 0) {
      const piece = this.#output.subarray(0, PIECE_BYTES);
      this.#output = this.#output.slice(piece.length);
      const code = yield* writeTrimmed(operation, piece);
      if (code !== ramErrors.none) return code;
    }
    if (inflate.failed) return ramErrors.inflate;
    if (!inflate.complete) return writer.remaining === 0 ? ramErrors.tooMuch : ramErrors.none;
    this.#output = new Uint8Array(0);
    if (writer.remaining > 0) return ramErrors.notEnough;
    return inflate.surplusBytes > 0 ? ramErrors.tooMuch : ramErrors.none;
  }
}

function* writeTrimmed({ writer }: Operation, data: Uint8Array): Program<number> {
  return yield* writer.write(data.subarray(0, Math.max(0, writer.remaining)));
}

function* softwareReset(): Program<Exit> {
  yield 10;
  return { to: 'software-reset' };
}
