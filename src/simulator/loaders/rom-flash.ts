import { BLOCK_BYTES, SECTOR_BYTES } from '../flash/flash-memory.ts';
import type { Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';
import * as spi from '../flash/spi-routines.ts';
import { DATA_HEADER_BYTES, fourWords, type Request, word, xorOf } from '../uart/wire.ts';

/** Error codes of the ROM, protocol reference §2.4. */
export const romErrors = { none: 0x00, invalid: 0x05, failed: 0x06, checksum: 0x07, flashWrite: 0x08 } as const;

export const MAX_ROM_BLOCK = 0x1800;
const BLOCK_SECTORS = BLOCK_BYTES / SECTOR_BYTES;

/** The blocks of one FLASH_BEGIN or MEM_BEGIN: order and length of what may come next. */
export class RomTransfer {
  #blockBytes = 0;
  #expected = 0;
  #received = 0;

  begin(blockBytes: number): void {
    this.#blockBytes = blockBytes;
    this.#expected = 0;
    this.#received = 0;
  }

  get blocks(): number {
    return this.#expected;
  }

  get bytes(): number {
    return this.#received;
  }

  /** Checks a block; the sequence has moved on even when the checksum is wrong (protocol reference §3.2). */
  accept({ payload, length, checksum }: Request, wholeWords: boolean): number {
    const dataBytes = word(payload, 0);
    const tooLong = length > MAX_ROM_BLOCK + DATA_HEADER_BYTES || dataBytes > this.#blockBytes;
    const ragged = wholeWords && dataBytes % 4 !== 0;
    if (tooLong || ragged || word(payload, 1) !== this.#expected) return romErrors.invalid;
    this.#expected++;
    this.#received += dataBytes;
    return xorOf(blockOf(payload)) === (checksum & 0xff) ? romErrors.none : romErrors.checksum;
  }
}

/** The data behind the header of a block, as long as the block's own length word says. */
export function blockOf(payload: Uint8Array): Uint8Array {
  return payload.subarray(DATA_HEADER_BYTES, DATA_HEADER_BYTES + word(payload, 0));
}

/** FLASH_BEGIN, FLASH_DATA and FLASH_END of the ROM; protocol reference §3.1–§3.3, §5.1. */
export class RomFlash {
  readonly #machine: Machine;
  readonly #transfer = new RomTransfer();
  #eraseWord = 0;
  #blocks = 0;
  #next = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  *begin({ payload, length }: Request): Program<number> {
    const [eraseBytes, blocks, blockBytes, offset] = fourWords(payload);
    if (length !== 16 || blockBytes > MAX_ROM_BLOCK) return romErrors.invalid;
    this.#judgeErase(eraseBytes, blocks * blockBytes, offset);
    yield* spi.attach(this.#machine);
    if (offset + eraseBytes > this.#machine.memory.flashCeiling) return romErrors.failed;
    yield* spi.unlock(this.#machine);
    if (offset % SECTOR_BYTES !== 0) return romErrors.failed;
    yield* this.#eraseArea(offset / SECTOR_BYTES, Math.ceil(eraseBytes / SECTOR_BYTES));
    this.#transfer.begin(blockBytes);
    this.#eraseWord = eraseBytes;
    this.#blocks = blocks;
    this.#next = offset;
    return romErrors.none;
  }

  *data(request: Request): Program<number> {
    const error = this.#transfer.accept(request, true);
    if (error !== romErrors.none) return error;
    if (this.#machine.faults.refusalOfBlock() !== null) return romErrors.checksum;
    const block = blockOf(request.payload);
    const at = this.#next;
    this.#next += block.length;
    yield* spi.write(this.#machine, at, block);
    // Above the ceiling both routines fail unheard and the comparison sees the block itself.
    const back = (yield* spi.read(this.#machine, at, block.length)) ?? block;
    return xorOf(back) === xorOf(block) ? romErrors.none : romErrors.flashWrite;
  }

  *end(): Program<number> {
    this.#machine.note('FLASH_END was sent to the ROM, which locks the flash or fails, and leaves the loader.');
    if (this.#transfer.blocks !== this.#blocks || this.#transfer.bytes !== this.#eraseWord) return romErrors.failed;
    yield* spi.lock(this.#machine);
    return romErrors.none;
  }

  /** The ROM forgets to take the sectors before the first block boundary off the count. */
  *#eraseArea(startSector: number, total: number): Program {
    let sector = startSector;
    const head = Math.min(BLOCK_SECTORS - (startSector % BLOCK_SECTORS), total);
    for (const end = startSector + head; sector < end; sector++) yield* this.#erase('sector', sector);
    let left = total;
    for (; left > BLOCK_SECTORS; left -= BLOCK_SECTORS) {
      yield* this.#erase('block', sector);
      sector += BLOCK_SECTORS;
    }
    for (; left > 0; left--) yield* this.#erase('sector', sector++);
  }

  *#erase(unit: 'sector' | 'block', sector: number): Program {
    yield* spi.erase(this.#machine, unit, sector * SECTOR_BYTES);
  }

  #judgeErase(eraseBytes: number, imageBytes: number, offset: number): void {
    const right = eraseWordFor(offset, imageBytes);
    if (eraseBytes === right) return;
    this.#machine.note(`FLASH_BEGIN for ${imageBytes} bytes at ${offset} asks to erase ${eraseBytes}, not ${right}.`);
  }
}

/** The erase word that makes the ROM erase what the image needs, protocol reference §5.1. */
function eraseWordFor(offset: number, imageBytes: number): number {
  const total = Math.ceil(imageBytes / SECTOR_BYTES);
  const head = Math.min(BLOCK_SECTORS - (Math.floor(offset / SECTOR_BYTES) % BLOCK_SECTORS), total);
  return (total < 2 * head ? Math.floor((total + 1) / 2) : total - head) * SECTOR_BYTES;
}
