import type { Faults } from '../chip/faults.ts';
import type { FlashPart, FlashTiming } from './flash-timing.ts';

export const SECTOR_BYTES = 0x1000;
export const BLOCK_BYTES = 0x10000;
export const PAGE_BYTES = 0x100;

const WRITE_IN_PROGRESS = 0x01;
const WRITE_ENABLED = 0x02;
const WRITABLE_STATUS = 0xfc;
/** Entries of the two records of what was done; older ones go. */
const MAX_RECORDS = 20_000;

export interface FlashRange {
  readonly address: number;
  readonly length: number;
}

/** A NOR flash: programming clears bits, erasing sets them, protection bits block both without a word. */
export class FlashMemory {
  readonly bytes: number;
  readonly timing: FlashTiming;
  readonly #part: FlashPart;
  readonly #cells: Uint8Array;
  readonly #nowMs: () => number;
  readonly #faults: Faults;
  readonly #timed: boolean;
  readonly #dips: (afterMs: number) => void;
  readonly #programmed: FlashRange[] = [];
  readonly #erased: FlashRange[] = [];
  #status: number;
  #status2 = 0;
  #writeEnabled = false;
  #asleep = false;
  #busyUntilMs = 0;

  /**
   * @param nowMs the time that operations are measured in; `timed` false: they take none
   * @param dips told that the supply of the module dips after so many ms
   */
  constructor(
    part: FlashPart,
    nowMs: () => number,
    timed: boolean,
    faults: Faults,
    dips: (afterMs: number) => void = () => undefined,
  ) {
    this.#dips = dips;
    this.#part = part;
    this.bytes = part.bytes;
    this.timing = part.timing;
    this.#nowMs = nowMs;
    this.#faults = faults;
    this.#timed = timed;
    this.#cells = new Uint8Array(part.bytes).fill(0xff);
    if (part.content !== undefined) this.#cells.set(part.content.subarray(0, part.bytes));
    this.#status = (part.statusRegister ?? 0) & WRITABLE_STATUS;
    this.holdStuckBits();
  }

  /** Nothing usable answers: what waits for it waits for ever. */
  get absent(): boolean {
    return this.#faults.flashAbsent || this.#faults.flashStuckLow;
  }

  /** What a line of the flash reads that nobody drives, or that is held low. */
  get idleByte(): number {
    return this.#faults.flashStuckLow ? 0x00 : 0xff;
  }

  /** JEDEC id as the bus reads it: maker in bits 7..0. */
  get id(): number {
    if (this.#faults.flashStuckLow) return 0;
    return this.absent || this.#asleep ? 0xffffff : this.busyMs > 0 ? 0 : this.#part.id;
  }

  /** How long the operation in work still takes, ms. */
  get busyMs(): number {
    const leftMs = this.#busyUntilMs - this.#nowMs();
    // Sums of fractions leave a rest.
    return leftMs > 1e-6 ? leftMs : 0;
  }

  get status(): number {
    if (this.absent) return this.idleByte;
    if (this.#asleep) return 0xff;
    const enabled = this.#writeEnabled ? WRITE_ENABLED : 0;
    return this.#status | enabled | (this.busyMs > 0 ? WRITE_IN_PROGRESS : 0);
  }

  get status2(): number {
    if (this.absent) return this.idleByte;
    return this.#asleep ? 0xff : this.#status2;
  }

  /** What was programmed since the beginning, neighbours joined, in order of time. */
  get programmed(): readonly FlashRange[] {
    return this.#programmed;
  }

  /** Sectors, blocks or the whole chip, in order of time. */
  get erased(): readonly FlashRange[] {
    return this.#erased;
  }

  /** A copy of the content, also while the flash is busy; addresses wrap at the end. */
  read(address: number, length: number): Uint8Array {
    const start = address % this.bytes;
    if (start + length <= this.bytes) return this.#cells.slice(start, start + length);
    return Uint8Array.from({ length }, (_, index) => this.#cells[(start + index) % this.bytes] ?? 0xff);
  }

  isBlank(address: number, length: number): boolean {
    return this.#cells.subarray(address, address + length).every((byte) => byte === 0xff);
  }

  enableWrite(on: boolean): void {
    if (this.#takesCommands()) this.#writeEnabled = on;
  }

  /** @param second the upper eight bits of a 16-bit write; absent: an 8-bit write */
  writeStatus(first: number, second?: number): void {
    if (!this.#begins()) return;
    if (!this.#faults.writeProtected) {
      this.#status = first & WRITABLE_STATUS;
      if (second !== undefined) this.#status2 = second;
    }
    this.#busyFor(this.timing.statusWriteMs);
  }

  /** Programs up to a page; like the real part it wraps inside the page of the address. */
  program(address: number, data: Uint8Array): void {
    if (!this.#begins()) return;
    const start = address % this.bytes;
    const page = start - (start % PAGE_BYTES);
    if (this.#blocks(page, PAGE_BYTES)) return;
    data.forEach((byte, index) => {
      const at = page + ((start - page + index) % PAGE_BYTES);
      this.#cells[at] = (this.#cells[at] ?? 0xff) & byte;
    });
    const last = this.#programmed.at(-1);
    if (last !== undefined && last.address + last.length === start) {
      this.#programmed[this.#programmed.length - 1] = { address: last.address, length: last.length + data.length };
    } else {
      record(this.#programmed, { address: start, length: data.length });
    }
    this.#busyFor((Math.ceil(data.length / 32) * this.timing.program32Us) / 1000);
  }

  eraseSector(address: number): void {
    this.#erase(address - (address % SECTOR_BYTES), SECTOR_BYTES, this.timing.sectorEraseMs);
  }

  eraseBlock(address: number): void {
    this.#erase(address - (address % BLOCK_BYTES), BLOCK_BYTES, this.timing.blockEraseMs);
  }

  eraseChip(): void {
    this.#erase(0, this.bytes, (this.timing.chipEraseMs * this.bytes) / (4 * 1024 * 1024));
  }

  sleep(): void {
    if (this.#takesCommands()) this.#asleep = true;
  }

  /** Command AB; also what a lost supply does. */
  wake(): void {
    this.#asleep = false;
  }

  /** A supply cycle: whatever was in work is over. A reset of the chip does not reach the flash. */
  losePower(): void {
    this.wake();
    this.#writeEnabled = false;
    this.#busyUntilMs = 0;
  }

  /** An operation that was begun before the supply came goes on for so long, at any speed. */
  startBusy(ms: number): void {
    if (ms > 0) this.#busyUntilMs = this.#nowMs() + ms;
  }

  #erase(start: number, length: number, ms: number): void {
    if (!this.#begins()) return;
    if (start >= this.bytes || this.#blocks(start, length)) return;
    const dips = this.#faults.brownsOutAtErase();
    this.#cells.fill(0xff, start, start + (dips ? length / 2 : length));
    this.holdStuckBits();
    if (dips) this.#dips(ms / 2);
    record(this.#erased, { address: start, length });
    this.#busyFor(ms);
  }

  #takesCommands(): boolean {
    return !this.absent && !this.#asleep && this.busyMs === 0;
  }

  #begins(): boolean {
    const begins = this.#takesCommands() && this.#writeEnabled;
    if (begins) this.#writeEnabled = false;
    return begins;
  }

  /** BP2..0 protect the upper 1/64 … 1/2, or all. */
  #blocks(start: number, length: number): boolean {
    const level = (this.#status >> 2) & 7;
    const protectedBytes = level === 0 ? 0 : Math.ceil(this.bytes / 2 ** (7 - level));
    return this.#faults.writeProtected || start + length > this.bytes - protectedBytes;
  }

  #busyFor(ms: number): void {
    if (this.#timed) this.#busyUntilMs = this.#nowMs() + ms;
  }

  /** Clears the bits that cannot be 1. */
  holdStuckBits(): void {
    for (const { address, bit } of this.#faults.stuckBits) {
      this.#cells[address] = (this.#cells[address] ?? 0xff) & ~(1 << bit);
    }
  }
}

function record(list: FlashRange[], range: FlashRange): void {
  if (list.length >= MAX_RECORDS) list.splice(0, MAX_RECORDS / 2);
  list.push(range);
}
