import type { ChipDefinition } from '../chips/chip-definition.ts';
import { commands } from './commands.ts';
import { silence } from './loader-faults.ts';
import type { Loader } from './loader.ts';

/** Offsets and bits of the SPI controller (protocol reference §4.6). */
const offset = { command: 0x00, status: 0x10, user: 0x1c, user1: 0x20, user2: 0x24, buffer: 0x40 } as const;
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

  /** Connects the pins. A loader that refuses one of these writes may have done it already. @throws StationError C06 */
  async attach(signal: AbortSignal): Promise<void> {
    for (const { address, value, mask } of this.#chip.flashSetup) {
      const answer = await this.#loader.exchange(commands.writeReg, { address, value, mask, delayUs: 0 }, signal);
      if (answer.kind === 'silent') throw silence(commands.writeReg);
    }
  }

  /** The JEDEC id by the controller's own command. */
  async readId(signal: AbortSignal): Promise<number> {
    await this.#write('buffer', 0, signal);
    await this.#run(start.readId, signal);
    return (await this.#readSurely('buffer', signal)) & 0xffffff;
  }

  /** One instruction without address, then `answerBits` bits from the flash (0 … 32). */
  async instruct(instruction: number, answerBits: number, signal: AbortSignal): Promise<number> {
    const user = await this.#read('user', signal);
    const user2 = await this.#read('user2', signal);
    if (answerBits > 0) await this.#write('user1', (answerBits - 1) << 8, signal);
    await this.#write('user', (commandPhase + (answerBits > 0 ? answerPhase : 0)) >>> 0, signal);
    await this.#write('user2', eightBitCommand + instruction, signal);
    await this.#write('buffer', 0, signal);
    await this.#run(start.user, signal);
    const answer = await this.#readSurely('buffer', signal);
    await this.#write('user', user, signal);
    await this.#write('user2', user2, signal);
    return answer;
  }

  /** The status register of the flash: bit 0 busy, bits 4 … 2 protection; 0xff when nobody answers. */
  async readStatus(signal: AbortSignal): Promise<number> {
    await this.#write('status', 0, signal);
    await this.#run(start.readStatus, signal);
    return (await this.#read('status', signal)) & 0xff;
  }

  /** Clears the status register, protection bits included. The flash needs up to 40 ms. */
  async clearStatus(signal: AbortSignal): Promise<void> {
    await this.#run(start.writeEnable, signal);
    await this.#write('status', 0, signal);
    await this.#run(start.writeStatus, signal);
  }

  /**
   * A command that does not end leaves what it should have read; the callers judge that. Its bit is taken back: code
   * that starts later would wait for it.
   */
  async #run(bit: number, signal: AbortSignal): Promise<void> {
    await this.#write('command', bit, signal);
    for (let poll = 0; poll < pollsAtMost; poll += 1) {
      const running = await this.#read('command', signal);
      if ((running & bit) >>> 0 === 0) return;
    }
    await this.#write('command', 0, signal);
  }

  #read(register: keyof typeof offset, signal: AbortSignal): Promise<number> {
    return this.#loader.readRegister(this.#chip.registers.spi + offset[register], signal);
  }

  #readSurely(register: keyof typeof offset, signal: AbortSignal): Promise<number> {
    return this.#loader.readRegisterSurely(this.#chip.registers.spi + offset[register], signal);
  }

  #write(register: keyof typeof offset, value: number, signal: AbortSignal): Promise<void> {
    return this.#loader.writeRegister(this.#chip.registers.spi + offset[register], value, signal);
  }
}
