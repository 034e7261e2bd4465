import { BlockOrder } from './block-order.ts';
import { adler32, InflateStream } from '../inflate/inflate-stream.ts';
import type { Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';
import { ok, type Result } from './ram-commands.ts';
import { ramErrors } from './ram-errors.ts';
import { RegionWriter } from './region-writer.ts';
import { DATA_HEADER_BYTES, fourWords, type Request, word, xorOf } from '../uart/wire.ts';

/** A data frame that was taken: `work` writes it, behind the reply. */
export interface TakenBlock extends Result {
  readonly work?: Program<number>;
}

interface Operation {
  readonly writer: RegionWriter;
  readonly order: BlockOrder;
  /** Compressed bytes that may come, at most. */
  readonly compressedLimit: number;
  compressedBytes: number;
  /** Made by the frame with sequence number 0. */
  inflate: InflateStream | undefined;
}

/** FLASH_BEGIN … FLASH_DEFL_END of the second generation; protocol reference §6.5–§6.7, §6.10. */
export class V2FlashWrite {
  readonly #machine: Machine;
  readonly #skipsBlank: boolean;
  #operation: Operation | undefined;

  constructor(machine: Machine, skipsBlank: boolean) {
    this.#machine = machine;
    this.#skipsBlank = skipsBlank;
  }

  *begin({ payload, length }: Request, compressed: boolean): Program<Result> {
    if (length !== 16 && length !== 20) return { code: ramErrors.length };
    const [bytes, blocks, blockBytes, offset] = fourWords(payload);
    const rules = { skipsBlank: this.#skipsBlank, oneSectorAhead: false };
    const writer = new RegionWriter(this.#machine, offset, bytes, rules);
    const code = yield* writer.eraseNext();
    if (code !== ramErrors.none) return { code };
    const compressedLimit = compressed ? blocks * blockBytes : 0;
    const order = new BlockOrder(this.#machine.note);
    this.#operation = { writer, order, compressedLimit, compressedBytes: 0, inflate: undefined };
    return ok;
  }

  data({ payload, length, checksum }: Request, compressed: boolean): TakenBlock {
    const operation = this.#operation;
    if (operation === undefined) return { code: ramErrors.notBegun };
    if (length < DATA_HEADER_BYTES) return { code: ramErrors.notEnough };
    const [declared, sequence] = [word(payload, 0), word(payload, 1)];
    const all = payload.subarray(DATA_HEADER_BYTES);
    if (!compressed && declared !== all.length) return { code: ramErrors.tooMuch };
    const data = all.subarray(0, declared);
    const refusal = xorOf(data) === checksum ? this.#machine.faults.refusalOfBlock() : 'checksum';
    if (refusal !== null) return { code: ramErrors[refusal] };
    operation.order.take(sequence);
    if (!compressed) return { ...ok, work: writeRaw(operation, data) };
    return { ...ok, work: writeInflated(operation, data, sequence) };
  }

  end({ length }: Request): Result {
    if (this.#operation === undefined) return { code: ramErrors.notBegun };
    // The operation stays open: more data may come.
    if (length !== 4 || this.#operation.writer.remaining !== 0) return { code: ramErrors.length };
    this.#operation = undefined;
    return ok;
  }
}

function* writeRaw({ writer }: Operation, data: Uint8Array): Program<number> {
  return yield* writer.write(data.subarray(0, Math.max(0, writer.remaining)));
}

function* writeInflated(operation: Operation, data: Uint8Array, sequence: number): Program<number> {
  if (sequence === 0) {
    operation.inflate = new InflateStream();
    operation.compressedBytes = 0;
  }
  const { inflate, writer } = operation;
  if (inflate === undefined) return ramErrors.inflate;
  if (inflate.finished) return ramErrors.none;
  operation.compressedBytes += data.length;
  const output = inflate.push(data);
  const code = yield* writer.write(output);
  return code === ramErrors.none ? judge(operation, inflate, output, sequence) : code;
}

function judge(operation: Operation, inflate: InflateStream, output: Uint8Array, sequence: number): number {
  if (inflate.failed) return ramErrors.inflate;
  if (!inflate.finished) {
    return operation.compressedBytes >= operation.compressedLimit ? ramErrors.inflate : ramErrors.none;
  }
  // The trailer is compared only when one block holds the whole stream.
  const whole = sequence === 0;
  return whole && adler32(output) !== inflate.trailer ? ramErrors.inflate : ramErrors.none;
}
