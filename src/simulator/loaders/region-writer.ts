import { BLOCK_BYTES, SECTOR_BYTES } from '../flash/flash-memory.ts';
import type { Machine } from '../chip/machine.ts';
import type { Program } from '../chip/processor.ts';
import { ramErrors } from './ram-errors.ts';
import * as spi from '../flash/spi-routines.ts';

/** In what the generations differ when they erase; protocol reference §6.7. */
export interface EraseRules {
  /** Leaves sectors alone that are blank, until the first that is not. */
  readonly skipsBlank: boolean;
  /** Erases one sector further than the write needs. */
  readonly oneSectorAhead: boolean;
}

/** The inflate window: output is written in pieces of this size. */
export const PIECE_BYTES = 0x8000;

/** The region of one FLASH_BEGIN or FLASH_DEFL_BEGIN: erased just ahead of what is written. */
export class RegionWriter {
  readonly #machine: Machine;
  readonly #rules: EraseRules;
  readonly #end: number;
  readonly #eraseEnd: number;
  #next: number;
  #erased: number;
  #skips: boolean;

  /** @param length exact number of bytes to come */
  constructor(machine: Machine, offset: number, length: number, rules: EraseRules) {
    this.#machine = machine;
    this.#rules = rules;
    this.#next = offset;
    this.#end = offset + length;
    this.#erased = offset - (offset % SECTOR_BYTES);
    this.#eraseEnd = Math.ceil(this.#end / SECTOR_BYTES) * SECTOR_BYTES;
    if (length === 0) this.#eraseEnd = this.#erased;
    this.#skips = rules.skipsBlank;
  }

  /** Declared and not yet written; negative when there was more than declared. */
  get remaining(): number {
    return this.#end - this.#next;
  }

  /** Checks one sector or starts one erase, if there is anything left to erase and the flash is free. */
  *eraseNext(): Program<number> {
    if (this.#erased >= this.#eraseEnd || this.#machine.flash.busyMs > 0) return ramErrors.none;
    return yield* this.#eraseUnit();
  }

  /** Erases what is missing below the data, then programs. For ever when the data pass the last erased sector. */
  *write(data: Uint8Array): Program<number> {
    for (let done = 0; done < data.length; done += PIECE_BYTES) {
      const error = yield* this.#writePiece(data.subarray(done, done + PIECE_BYTES));
      if (error !== ramErrors.none) return error;
    }
    return ramErrors.none;
  }

  *#writePiece(data: Uint8Array): Program<number> {
    yield* this.eraseNext();
    const end = this.#next + data.length;
    if (end > this.#eraseEnd) {
      this.#machine.note('The data pass the end of the region that was declared: the loader hangs.');
      yield 'forever';
    }
    const wanted = this.#rules.oneSectorAhead
      ? Math.min(end - (end % SECTOR_BYTES) + SECTOR_BYTES, this.#eraseEnd)
      : end;
    while (this.#erased < wanted) {
      const error = yield* this.#eraseUnit();
      if (error !== ramErrors.none) return error;
    }
    const written = yield* spi.write(this.#machine, this.#next, data);
    if (!written) return ramErrors.spi;
    this.#next = end;
    return ramErrors.none;
  }

  *#eraseUnit(): Program<number> {
    const { flash, memory } = this.#machine;
    if (this.#skips) {
      if (this.#erased + SECTOR_BYTES > memory.flashCeiling) return ramErrors.spi;
      yield* spi.waitIdle(this.#machine);
      yield flash.timing.blankCheckMs;
      if (flash.isBlank(this.#erased, SECTOR_BYTES)) {
        this.#erased += SECTOR_BYTES;
        return ramErrors.none;
      }
      this.#skips = false;
    }
    const wholeBlock = this.#erased % BLOCK_BYTES === 0 && this.#eraseEnd - this.#erased >= BLOCK_BYTES;
    yield* spi.startErase(this.#machine, wholeBlock ? 'block' : 'sector', this.#erased);
    this.#erased += wholeBlock ? BLOCK_BYTES : SECTOR_BYTES;
    return ramErrors.none;
  }
}
