import { baudLadder, changeBaud, crystalOf, proveLink } from '../bootloader/baud-change.ts';
import { commands } from '../bootloader/commands.ts';
import { connect } from '../bootloader/connect.ts';
import { probeFlash } from '../bootloader/flash-probe.ts';
import type { FlashReading } from '../bootloader/flash-probe.ts';
import { identifyChip } from '../bootloader/identify.ts';
import { Loader } from '../bootloader/loader.ts';
import { startRamLoader, tellRamLoaderFlashSize, tellRomFlashSize } from '../bootloader/ram-loader-start.ts';
import { loadRamStub } from '../bootloader/ram-stub.ts';
import type { RamStub } from '../bootloader/ram-stub.ts';
import { restartIntoApplication } from '../bootloader/reset-sequences.ts';
import type { ModuleReset } from '../bootloader/reset-sequences.ts';
import type { ChipDefinition } from '../chips/chip-definition.ts';
import { flashIdText } from '../chips/flash-id.ts';
import { within } from '../foundation/deadline.ts';
import type { Clock } from '../foundation/clock.ts';
import { asStationError, StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { SerialLink } from '../serial/serial-link.ts';
import type { ModuleIdentity } from './outcome.ts';
import type { RunNotes } from './run-notes.ts';

/** The rate at which ROM and RAM loader are met; the RAM loader computes all others from it. */
const firstBaud = 115_200;
const commonCrystalMhz = 26;
const leaveLimitMs = 3_000;

export interface ModuleLinkParts {
  readonly link: SerialLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly chip: ChipDefinition;
  readonly reset: ModuleReset;
  /** Wanted rate of the link while writing, baud. */
  readonly baud: number;
  readonly notes: RunNotes;
}

/** The rate to open the port with. */
export function openingBaud(wanted: number): number {
  return Math.min(firstBaud, wanted);
}

/** One module behind one port, from its reset to the RAM loader at the wanted rate, and back. */
export class ModuleLink {
  readonly loader: Loader;
  readonly #parts: ModuleLinkParts;
  #flash: FlashReading | null = null;
  #crystalMhz: number = commonCrystalMhz;
  #ramLoaderRuns = false;
  #ramLoaderIsOurs = false;

  constructor(parts: ModuleLinkParts) {
    this.#parts = parts;
    this.loader = new Loader(parts.link, parts.clock, parts.log);
  }

  /** Rate of the ROM's text with the crystal of this module, baud. */
  get textBaud(): number {
    return Math.round((this.#parts.chip.romTextBaud * this.#crystalMhz) / commonCrystalMhz);
  }

  /** @throws StationError C01 … C05, S03, S04 */
  async connect(signal: AbortSignal): Promise<void> {
    const { chip, reset, notes, log } = this.#parts;
    const syncBaud = openingBaud(this.#parts.baud);
    const otherBauds = [firstBaud, ...baudLadder(this.#parts.baud), ...baudLadder(921_600)];
    const retrying = (): void => {
      notes.retries += 1;
    };
    const options = { chip, reset, syncBaud, otherBauds: [...new Set(otherBauds)], retrying };
    const contact = await connect(this.loader, options, log, signal);
    this.#ramLoaderRuns = contact.loader === 'ram';
    this.#ramLoaderIsOurs = false;
    log.debug({ event: 'connected', ...contact });
  }

  /** Reads chip, MAC and flash; what is learnt before a fault stays in the notes. @throws StationError C06, D01, D03, F01, F04 */
  async identify(signal: AbortSignal): Promise<ModuleIdentity> {
    const { chip, notes, log } = this.#parts;
    const { mac, variant } = await identifyChip(this.loader, chip, signal);
    Object.assign(notes.identity, { mac, chip: variant });
    await this.#measureCrystal(signal);
    const flash = await probeFlash(this.loader, chip, this.#ramLoaderRuns ? 'ram' : 'rom', signal);
    this.#flash = flash;
    const identity = { mac, chip: variant, flashId: flashIdText(flash.id), flashBytes: flash.bytes };
    Object.assign(notes.identity, identity);
    log.debug({ event: 'identified', ...identity, crystalMhz: this.#crystalMhz });
    return identity;
  }

  /** Starts the RAM loader and goes to the highest rate that works. @throws StationError F06, C06, C10 */
  async startLoader(signal: AbortSignal): Promise<void> {
    const { chip, notes, reset, log } = this.#parts;
    const stub = await loadRamStub(chip.family);
    await this.#startRam(stub, signal);
    for (const rate of baudLadder(this.#parts.baud)) {
      if (rate <= this.loader.link.baud) break;
      const before = this.loader.link.baud;
      const change = await changeBaud(this.loader, chip, rate, signal);
      log.debug({ event: 'baud-change', rate, change });
      if (change === 'changed') break;
      notes.retries += 1;
      if (change === 'refused') continue;
      if (reset.kind === 'lines') await this.#comeBack(stub, rate, signal);
      else await this.#stepBack(before, rate, signal);
    }
    notes.baud = this.loader.link.baud;
  }

  /**
   * Whether a region that was cut off in the middle can be begun again: the RAM loader answers, and it is the one that
   * forgets the old stream. One that was met running may be another (protocol reference §6.6).
   */
  async canBeginAgain(signal: AbortSignal): Promise<boolean> {
    if (!this.#ramLoaderIsOurs) return false;
    await this.loader.leaveFrame(signal);
    // Asked once: a loader that is stuck in a block must not be sent frame after frame. A late error is an answer too.
    const once = { ...commands.readReg, tries: 1 };
    const answer = await this.loader.exchange(once, { address: this.#parts.chip.registers.detect }, signal);
    return answer.kind !== 'silent';
  }

  /**
   * Leaves the module as the next session expects it: started into its application, or, where it cannot be reset,
   * with the RAM loader back at the rate of the first contact. Bounded in time, and never throws.
   */
  async leave(): Promise<void> {
    const { clock, reset, chip, log } = this.#parts;
    const limit = (): Error => new StationError('C06', 'The module could not be left in order.');
    try {
      await within(clock, leaveLimitMs, limit, new AbortController().signal, async (own) => {
        if (reset.kind === 'lines') return restartIntoApplication(reset, clock, own);
        if (!this.#ramLoaderRuns || this.loader.link.baud === firstBaud) return;
        await this.loader.leaveFrame(own);
        await changeBaud(this.loader, chip, firstBaud, own);
      });
    } catch (error) {
      log.warn({ event: 'leave-failed', detail: asStationError(error).message });
    }
  }

  async #measureCrystal(signal: AbortSignal): Promise<void> {
    const { chip } = this.#parts;
    const divider = await this.loader.readRegister(chip.registers.uartDivider, signal);
    this.#crystalMhz = crystalOf(chip, divider & 0xfffff, this.loader.link.baud) ?? commonCrystalMhz;
  }

  async #startRam(stub: RamStub, signal: AbortSignal): Promise<void> {
    const { reset, notes, chip } = this.#parts;
    if (this.#ramLoaderRuns) {
      if (this.#flash !== null) await tellRamLoaderFlashSize(this.loader, chip, this.#flash, signal);
      return;
    }
    try {
      await this.#upload(stub, signal);
    } catch (error) {
      // Only a reset helps a module that took the upload but did not start it.
      if (reset.kind !== 'lines' || !(error instanceof StationError) || error.code !== 'F06') throw error;
      notes.retries += 1;
      await this.connect(signal);
      await this.#upload(stub, signal);
    }
  }

  async #upload(stub: RamStub, signal: AbortSignal): Promise<void> {
    const { chip, notes } = this.#parts;
    const told = this.#flash === null || (await tellRomFlashSize(this.loader, chip, this.#flash, signal));
    notes.retries += await startRamLoader(this.loader, chip, stub, signal);
    this.#ramLoaderRuns = true;
    this.#ramLoaderIsOurs = true;
    if (!told && this.#flash !== null) await tellRamLoaderFlashSize(this.loader, chip, this.#flash, signal);
  }

  /** After a rate that did not work: reset, and the RAM loader again. */
  async #comeBack(stub: RamStub, rate: number, signal: AbortSignal): Promise<void> {
    this.#ramLoaderRuns = false;
    try {
      await this.connect(signal);
    } catch (error) {
      if (signal.aborted || asStationError(error).code.startsWith('S')) throw error;
      throw new StationError('C10', `The module did not come back after ${rate} baud was tried.`, { cause: error });
    }
    await this.#startRam(stub, signal);
  }

  async #stepBack(before: number, rate: number, signal: AbortSignal): Promise<void> {
    await this.loader.link.setBaud(before, signal);
    if (await proveLink(this.loader, this.#parts.chip, signal)) return;
    throw new StationError('C10', `The module did not answer at ${rate} baud nor again at ${before} baud.`);
  }
}
