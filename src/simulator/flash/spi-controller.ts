import { type AddressSpace, addresses } from '../chip/address-space.ts';
import type { FlashMemory } from './flash-memory.ts';
import { runOnFlash } from './spi-bus.ts';
import { word, wordBytes } from '../uart/wire.ts';

/** Offsets of the SPI0 registers; protocol reference §4.6. */
const offsets = {
  command: 0x00,
  address: 0x04,
  control: 0x08,
  readStatus: 0x10,
  user: 0x1c,
  user1: 0x20,
  user2: 0x24,
  data: 0x40,
} as const;

const DATA_BYTES = 64;
const STATUS_TWO_BYTES = 1 << 22;

/** Bits of the command register. */
const bits = {
  writeEnable: 1 << 30,
  writeDisable: 1 << 29,
  readId: 1 << 28,
  readStatus: 1 << 27,
  writeStatus: 1 << 26,
  program: 1 << 25,
  eraseSector: 1 << 24,
  eraseBlock: 1 << 23,
  eraseChip: 1 << 22,
  user: 1 << 18,
} as const;

/** The controller of the flash: commands start on a write and are over at once, so the register reads 0. */
export class SpiController {
  readonly #words = new Map<number, number>();
  readonly #memory: AddressSpace;
  readonly #flash: FlashMemory;

  constructor(memory: AddressSpace, flash: FlashMemory) {
    this.#memory = memory;
    this.#flash = flash;
    for (let offset = 0; offset < offsets.data + DATA_BYTES; offset += 4) {
      memory.attach(addresses.spi + offset, {
        read: () => this.#get(offset),
        write: (value) => {
          if (offset === offsets.command) this.#command(value);
          else this.#words.set(offset, value);
        },
      });
    }
  }

  reset(): void {
    this.#words.clear();
  }

  #command(value: number): void {
    if ((value & bits.user) !== 0) this.#user();
    if ((value & bits.writeEnable) !== 0) this.#run(0x06);
    if ((value & bits.writeDisable) !== 0) this.#run(0x04);
    if ((value & bits.readId) !== 0) this.#words.set(offsets.data, word(pad(this.#run(0x9f, 3)), 0));
    if ((value & bits.readStatus) !== 0) {
      const [status = 0xff] = this.#run(0x05, 1);
      this.#words.set(offsets.readStatus, status);
    }
    if ((value & bits.writeStatus) !== 0) this.#writeStatus();
    if ((value & bits.program) !== 0) {
      const count = this.#get(offsets.address) >>> 24;
      this.#run(0x02, 0, this.#data(count), this.#get(offsets.address) & 0xffffff);
    }
    if ((value & bits.eraseSector) !== 0) this.#run(0x20, 0, undefined, this.#get(offsets.address) & 0xffffff);
    if ((value & bits.eraseBlock) !== 0) this.#run(0xd8, 0, undefined, this.#get(offsets.address) & 0xffffff);
    if ((value & bits.eraseChip) !== 0) this.#run(0xc7);
  }

  #writeStatus(): void {
    const status = this.#get(offsets.readStatus);
    const both = (this.#get(offsets.control) & STATUS_TWO_BYTES) !== 0;
    this.#run(0x01, 0, both ? Uint8Array.of(status, status >>> 8) : Uint8Array.of(status));
  }

  #user(): void {
    const user = this.#get(offsets.user) >>> 27;
    const user1 = this.#get(offsets.user1);
    const [command, address, , input, output] = [16, 8, 4, 2, 1].map((bit) => (user & bit) !== 0);
    if (command !== true) return;
    const addressBits = (user1 >>> 26) + 1;
    const answer = this.#run(
      this.#get(offsets.user2) & 0xff,
      input === true ? Math.ceil((((user1 >>> 8) & 0x1ff) + 1) / 8) : 0,
      output === true ? this.#data(Math.ceil((((user1 >>> 17) & 0x1ff) + 1) / 8)) : undefined,
      // Left-aligned for user-defined commands.
      address === true ? this.#get(offsets.address) >>> (32 - addressBits) : 0,
    );
    if (input !== true) return;
    const padded = pad(answer);
    for (let at = 0; at * 4 < answer.length; at++) this.#words.set(offsets.data + at * 4, word(padded, at));
  }

  #run(opcode: number, wantedBytes = 0, sent: Uint8Array = new Uint8Array(0), address = 0): Uint8Array {
    if (!this.#memory.flashPinsAttached) return new Uint8Array(wantedBytes).fill(0xff);
    return runOnFlash(this.#flash, { opcode, address, sent, wantedBytes: Math.min(wantedBytes, DATA_BYTES) });
  }

  #data(count: number): Uint8Array {
    const all = new Uint8Array(DATA_BYTES);
    for (let at = 0; at < DATA_BYTES; at += 4) all.set(wordBytes(this.#get(offsets.data + at)), at);
    return all.slice(0, Math.min(count, DATA_BYTES));
  }

  #get(offset: number): number {
    return this.#words.get(offset) ?? 0;
  }
}

/** To whole words with 0, which is what the controller leaves in the rest of its data register. */
function pad(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  out.set(bytes);
  return out;
}
