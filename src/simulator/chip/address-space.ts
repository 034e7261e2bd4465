import { viewOf, wordBytes } from '../uart/wire.ts';

/** Addresses of the simulated chip; protocol reference §1.2, §3.7, §4.2–§4.6, §5.5. */
export const addresses = {
  uartDivider: 0x60000014,
  spi: 0x60000200,
  gpioIn: 0x60000318,
  flashPins: [0x6000081c, 0x60000820, 0x60000824, 0x60000828, 0x6000082c, 0x60000830],
  efuses: 0x3ff00050,
  detect: 0x40001000,
  frameBuffer: 0x3fffa000,
  flashchipPointer: 0x3fffc714,
  flashchip: 0x3fffc718,
} as const;

/** Select bits of a flash pin's function and the value that means SPI; protocol reference §4.6.1. */
const PIN_FUNCTION_MASK = 0x1b0;
const PIN_FUNCTION_SPI = 0x10;

const PAGE_BYTES = 0x1000;

/** A register that is more than memory. */
export interface Register {
  read(): number;
  write?(value: number): void;
}

/** RAM and registers, word by word. What nothing else answers is plain memory that begins with 0. */
export class AddressSpace {
  readonly #pages = new Map<number, Uint8Array>();
  readonly #registers = new Map<number, Register>();

  attach(address: number, register: Register): void {
    this.#registers.set(address, register);
  }

  /** False where an access crashes the chip: nothing is mapped there, or it is not a word's address. */
  isWord(address: number): boolean {
    return address % 4 === 0 && mapped.some(([start, end]) => address >= start && address < end);
  }

  read32(address: number): number {
    return this.#registers.get(address)?.read() ?? viewOf(this.read(address, 4)).getUint32(0, true);
  }

  write32(address: number, value: number): void {
    const register = this.#registers.get(address);
    if (register === undefined) this.write(address, wordBytes(value));
    else register.write?.(value >>> 0);
  }

  /** Memory only, any alignment. */
  read(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const { page, offset, count } = this.#piece(address + done, length - done);
      out.set(page.subarray(offset, offset + count), done);
      done += count;
    }
    return out;
  }

  /** Memory only, any alignment. */
  write(address: number, data: Uint8Array): void {
    for (let done = 0; done < data.length;) {
      const { page, offset, count } = this.#piece(address + done, data.length - done);
      page.set(data.subarray(done, done + count), offset);
      done += count;
    }
  }

  /** The supply is gone. */
  losePower(): void {
    this.#pages.clear();
  }

  /** What a hardware reset does: registers begin again, the ROM sets its flash record up; RAM stays. */
  reset(): void {
    for (const page of this.#pages.keys()) {
      if (page >= 0x60000000) this.#pages.delete(page);
    }
    const record = [0x1640ef, 0x400000, 0x10000, 0x1000, 0x100, 0xffff];
    this.write32(addresses.flashchipPointer, addresses.flashchip);
    this.setFlashchip(record);
  }

  /** Id, size, block, sector, page and status mask, as SPI_SET_PARAMS gives them; protocol reference §3.7. */
  setFlashchip(words: readonly number[]): void {
    const record = this.read32(addresses.flashchipPointer);
    words.forEach((value, index) => {
      this.write32(record + index * 4, value);
    });
  }

  /** The size the ROM's flash routines refuse to pass, bytes. */
  get flashCeiling(): number {
    return this.read32(this.read32(addresses.flashchipPointer) + 4);
  }

  set flashCeiling(bytes: number) {
    this.write32(this.read32(addresses.flashchipPointer) + 4, bytes);
  }

  get flashPinsAttached(): boolean {
    return addresses.flashPins.every((pin) => (this.read32(pin) & PIN_FUNCTION_MASK) === PIN_FUNCTION_SPI);
  }

  attachFlashPins(): void {
    for (const pin of addresses.flashPins) this.write32(pin, PIN_FUNCTION_SPI);
  }

  #piece(address: number, wanted: number): { page: Uint8Array; offset: number; count: number } {
    const offset = address % PAGE_BYTES;
    const base = address - offset;
    let page = this.#pages.get(base);
    if (page === undefined) {
      page = new Uint8Array(PAGE_BYTES);
      this.#pages.set(base, page);
    }
    return { page, offset, count: Math.min(wanted, PAGE_BYTES - offset) };
  }
}

/** Ranges that answer: DPORT and efuses, data RAM, ROM, instruction RAM, mapped flash, peripherals. */
const mapped: readonly (readonly [number, number])[] = [
  [0x3ff00000, 0x3ff80000],
  [0x3ffe8000, 0x40010000],
  [0x40100000, 0x40110000],
  [0x40200000, 0x40300000],
  [0x60000000, 0x60010000],
];
