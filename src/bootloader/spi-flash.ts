import type { ChipDefinition } from '../chips/chip-definition.ts';
import { StationError } from '../foundation/faults.ts';
import type { Loader } from './loader.ts';
import { readRegisterSurely, writeRegisters } from './registers.ts';

/** Offsets and bits of the SPI controller (protocol reference §4.6). */
const offset = { command: 0x00, status: 0x10, user: 0x1c, user1: 0x20, user2: 0x24, buffer: 0x40 } as const;

type Register = keyof typeof offset;
/** Registers and their new values, in the order in which they are to be written. */
type Setting = Partial<Readonly<Record<Register, number>>>;

const start = {
  writeEnable: 0x4000_0000,
  readId: 0x1000_0000,
  readStatus: 0x0800_0000,
  writeStatus: 0x0400_0000,
  user: 0x0004_0000,
} as const;
const commandPhase = 0x8000_0000;
const answerPhase = 0x1000_0000;
const eightBitCommand = 0x7000_0000;
const pollsAtMost = 10;

/** Instructions of the flash chip. */
export const flashInstruction = { readId: 0x9f, wake: 0xab } as const;

/** The flash behind the chip, reached through its SPI registers: works in ROM and RAM loader and cannot hang them. */
export class SpiFlash {
  readonly #loader: Loader;
  readonly #chip: ChipDefinition;

  constructor(loader: Loader, chip: ChipDefinition) {
    this.#loader = loader;
    this.#chip = chip;
  }

  /** Connects the pins. A loader that refuses these writes may have done it already. @throws StationError C06 */
  async attach(signal: AbortSignal): Promise<void> {
    try {
      await writeRegisters(this.#loader, this.#chip.flashSetup, signal);
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'C04') throw error;
    }
  }

  /** The JEDEC id by the controller's own command. */
  async readId(signal: AbortSignal): Promise<number> {
    await this.#run(start.readId, signal, { buffer: 0 });
    return (await this.#readSurely('buffer', signal)) & 0xffffff;
  }

  /** One instruction without address, then `answerBits` bits from the flash (0 … 32). */
  async instruct(instruction: number, answerBits: number, signal: AbortSignal): Promise<number> {
    const user = await this.#read('user', signal);
    const user2 = await this.#read('user2', signal);
    const setting = {
      ...(answerBits > 0 ? { user1: (answerBits - 1) << 8 } : {}),
      user: (commandPhase + (answerBits > 0 ? answerPhase : 0)) >>> 0,
      user2: eightBitCommand + instruction,
      buffer: 0,
    };
    await this.#run(start.user, signal, setting);
    const answer = await this.#readSurely('buffer', signal);
    await this.#set({ user, user2 }, signal);
    return answer;
  }

  /** The status register of the flash: bit 0 busy, bits 4 … 2 protection; 0xff when nobody answers. */
  async readStatus(signal: AbortSignal): Promise<number> {
    await this.#run(start.readStatus, signal, { status: 0 });
    return (await this.#read('status', signal)) & 0xff;
  }

  /** Clears the status register, protection bits included. The flash needs up to 40 ms. */
  async clearStatus(signal: AbortSignal): Promise<void> {
    await this.#run(start.writeEnable, signal);
    await this.#run(start.writeStatus, signal, { status: 0 });
  }

  /**
   * Sets registers, then the bit that starts a command. One that does not end leaves what it should have read; the
   * callers judge that. Its bit is taken back: code that starts later would wait for it.
   */
  async #run(bit: number, signal: AbortSignal, setting: Setting = {}): Promise<void> {
    await this.#set({ ...setting, command: bit }, signal);
    for (let poll = 0; poll < pollsAtMost; poll += 1) {
      const running = await this.#read('command', signal);
      if ((running & bit) >>> 0 === 0) return;
    }
    await this.#set({ command: 0 }, signal);
  }

  #read(register: Register, signal: AbortSignal): Promise<number> {
    return this.#loader.readRegister(this.#chip.registers.spi + offset[register], signal);
  }

  #readSurely(register: Register, signal: AbortSignal): Promise<number> {
    return readRegisterSurely(this.#loader, this.#chip.registers.spi + offset[register], signal);
  }

  #set(setting: Setting, signal: AbortSignal): Promise<void> {
    const writes = Object.entries(setting).map(([register, value]) => ({
      address: this.#chip.registers.spi + offset[register as Register],
      value,
    }));
    return writeRegisters(this.#loader, writes, signal);
  }
}
