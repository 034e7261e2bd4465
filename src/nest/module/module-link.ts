import { baudLadder, changeBaud, lowerBaud, proveLink, stillAnswers } from '../../bootloader/baud-change.ts';
import { connect } from '../../bootloader/connect.ts';
import { unlockFlash } from '../../bootloader/flash-probe.ts';
import type { FlashReading } from '../../bootloader/flash-probe.ts';
import { Loader } from '../../bootloader/loader.ts';
import { startRamLoader, tellRamLoaderFlashSize, tellRomFlashSize } from '../../bootloader/ram-loader-start.ts';
import { loadRamStub } from '../../bootloader/ram-stub.ts';
import type { RamStub } from '../../bootloader/ram-stub.ts';
import { isResettable } from '../../bootloader/reset-sequences.ts';
import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import type { ChipDefinition } from '../../chips/chip-definition.ts';
import type { Clock } from '../../foundation/clock.ts';
import { asStationError, StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { SerialLink } from '../../serial/serial-link.ts';
import { isFinal, isOfFreshStart, isSilence } from './line-faults.ts';
import { leaveModule } from './leave-module.ts';
import { safeBaud } from './link-memory.ts';
import type { LinkMemory } from './link-memory.ts';
import { identityOf } from './module-details.ts';
import type { ModuleDetails } from './module-details.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import { readDetails } from './read-details.ts';
import type { RunNotes } from '../run/run-notes.ts';

const commonCrystalMhz = 26;
const freshStartsAtMost = 2;

export interface ModuleLinkParts {
  readonly link: SerialLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly chip: ChipDefinition;
  readonly reset: ModuleReset;
  /** Wanted rate of the link while writing, baud. */
  readonly baud: number;
  readonly memory: LinkMemory;
  readonly notes: RunNotes;
}

/** One module behind one port, from its reset to the RAM loader at the wanted rate, and back. */
export class ModuleLink {
  readonly loader: Loader;
  readonly reset: ModuleReset;
  /** What `identify` read; null before. */
  details: ModuleDetails | null = null;
  readonly #parts: ModuleLinkParts;
  /** The rate to aim at now. */
  #aim: number;
  #startedFast = false;
  #startsSafely = false;
  #freshStarts = 0;
  #flash: FlashReading | null = null;
  #crystalMhz: number = commonCrystalMhz;
  #ramLoaderIsOurs = false;

  constructor(parts: ModuleLinkParts) {
    this.#parts = parts;
    this.reset = parts.reset;
    this.#aim = parts.memory.baud(parts.baud);
    this.loader = new Loader(parts.link, parts.clock, parts.log, parts.chip.registers.detect);
  }

  /** Rate of the ROM's text with the crystal of this module, baud. */
  get textBaud(): number {
    return Math.round((this.#parts.chip.romTextBaud * this.#crystalMhz) / commonCrystalMhz);
  }

  /** Rate of the link if nothing goes wrong, baud. */
  get aimedBaud(): number {
    return this.#aim;
  }

  /** @throws StationError C01 … C05, S03, S04 */
  async connect(signal: AbortSignal): Promise<void> {
    const { chip, reset, notes, memory, log } = this.#parts;
    const syncBaud = this.#startsSafely ? Math.min(safeBaud, this.#aim) : memory.syncBaud(this.#aim);
    const safe = Math.min(safeBaud, this.#aim);
    const otherBauds = [...new Set([safeBaud, ...baudLadder(this.#aim), ...baudLadder(2_000_000)])];
    const rates = { syncBaud, safeBaud: safe, otherBauds };
    const options = { chip, reset, ...rates, retrying: () => (notes.retries += 1) };
    const contact = await connect(this.loader, options, log, signal);
    this.loader.ramLoaderRuns = contact.loader === 'ram';
    this.#ramLoaderIsOurs = false;
    this.#startedFast = contact.baud > safe;
    if (contact.ignoredFirstRate === true) memory.startedTooFast();
    log.debug({ event: 'connected', ...contact });
  }

  /** Reads chip, MAC and flash; what is learnt before a fault stays in the notes. @throws as `readDetails` */
  async identify(signal: AbortSignal): Promise<ModuleIdentity> {
    return this.#orOnceMore(signal, () => this.#identify(signal));
  }

  /** Starts the RAM loader and goes to the highest rate that works. @throws StationError F06, C06, C10 */
  async startLoader(signal: AbortSignal): Promise<void> {
    const { chip, notes, reset, log } = this.#parts;
    const stub = await loadRamStub(chip.family);
    await this.#startRam(stub, signal);
    for (const rate of baudLadder(this.#aim)) {
      if (rate === this.loader.link.baud) break;
      const before = this.loader.link.baud;
      const change = await changeBaud(this.loader, chip, rate, signal);
      log.debug({ event: 'baud-change', rate, change });
      if (change === 'changed') break;
      notes.retries += 1;
      if (change === 'refused') continue;
      this.#aim = lowerBaud(rate);
      notes.linkGaveUp = true;
      if (isResettable(reset)) await this.#comeBack(stub, rate, signal);
      else await this.#stepBack(before, rate, signal);
    }
    notes.baud = this.loader.link.baud;
    notes.steppedDown ||= notes.baud < this.#parts.baud;
  }

  /**
   * Resets a module whose link failed in the middle of the work, and starts its RAM loader again for the next lower
   * rate: once when the module fell silent, twice when it answered over a bad line.
   *
   * @returns false when that is not possible or the module does not come back
   * @throws StationError S…
   */
  async startAfresh(fault: StationError, signal: AbortSignal): Promise<boolean> {
    const { reset, notes, log } = this.#parts;
    if (!isResettable(reset) || this.#freshStarts >= freshStartsAtMost) return false;
    this.#freshStarts += isSilence(fault) ? freshStartsAtMost : 1;
    notes.retries += 1;
    this.#aim = lowerBaud(this.loader.link.baud);
    // A module that fell silent may be bad itself; what was damaged on the way came over a bad line.
    if (!isSilence(fault)) notes.linkGaveUp = true;
    try {
      await this.#meetAgain(signal);
      await this.startLoader(signal);
      return true;
    } catch (error) {
      if (isFinal(asStationError(error), signal)) throw error;
      log.debug({ event: 'not-back', detail: asStationError(error).message });
      return false;
    }
  }

  /** Clears the write protection that identifying found; the RAM loader runs. @throws StationError F04, C04, C06 */
  async unlock(signal: AbortSignal): Promise<void> {
    if (this.#flash?.isLocked === true) await unlockFlash(this.loader, this.#parts.chip, signal);
  }

  /**
   * Whether a region that was cut off in the middle can be begun again: the RAM loader answers, and it is the one that
   * forgets the old stream. One that was met running may be another (protocol reference §6.6).
   */
  async canBeginAgain(signal: AbortSignal): Promise<boolean> {
    return this.#ramLoaderIsOurs && (await stillAnswers(this.loader, this.#parts.chip, signal));
  }

  /** As `leaveModule`. */
  leave(): Promise<void> {
    const { chip, reset, log } = this.#parts;
    return leaveModule({ loader: this.loader, chip, reset }, log);
  }

  async #identify(signal: AbortSignal): Promise<ModuleIdentity> {
    const { chip, notes, log } = this.#parts;
    const { details, flash, crystalMhz } = await readDetails(this.loader, chip, notes, signal);
    this.details = details;
    this.#flash = flash;
    this.#crystalMhz = crystalMhz ?? commonCrystalMhz;
    log.debug({ event: 'identified', ...details });
    return identityOf(details);
  }

  /**
   * What goes wrong right after a fast first contact is done once more from the safe rate: whether the ROM of a module
   * is reliable at a fast one is not known beforehand (protocol reference §6.10). What a bad line may have caused gets a
   * second chance at any rate: a ROM that heard half an address has crashed. So does a flash that gave no id: it may have
   * been badly attached.
   *
   * @throws the fault that made it necessary when the module does not come back
   */
  async #orOnceMore<T>(signal: AbortSignal, work: () => Promise<T>, again = work): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { reset, memory, notes, log } = this.#parts;
      const fault = asStationError(error);
      const helps = this.#startedFast || isOfFreshStart(fault);
      // A flash that stays busy has been waited for long enough.
      if (!isResettable(reset) || !helps || fault.code === 'F05' || isFinal(fault, signal)) throw error;
      log.debug({ event: 'from-safe-rate', detail: fault.message });
      this.#startsSafely = true;
      notes.retries += 1;
      const startedFast = this.#startedFast;
      await this.connect(signal).catch((second: unknown) => {
        throw isFinal(asStationError(second), signal) ? second : fault;
      });
      const result = await again();
      if (startedFast) memory.startedTooFast();
      return result;
    }
  }

  /** After a reset in the middle of the work: the same module, its flash no longer busy with what was cut off. */
  async #meetAgain(signal: AbortSignal): Promise<void> {
    await this.connect(signal);
    await this.#identify(signal);
  }

  async #startRam(stub: RamStub, signal: AbortSignal): Promise<void> {
    if (this.loader.ramLoaderRuns) {
      const { chip } = this.#parts;
      if (this.#flash !== null) await tellRamLoaderFlashSize(this.loader, chip, this.#flash, signal);
      return;
    }
    const upload = (): Promise<void> => this.#upload(stub, signal);
    await this.#orOnceMore(signal, upload, async () => {
      await this.#identify(signal);
      await upload();
    });
  }

  async #upload(stub: RamStub, signal: AbortSignal): Promise<void> {
    const { chip, notes } = this.#parts;
    const told = this.#flash === null || (await tellRomFlashSize(this.loader, chip, this.#flash, signal));
    notes.retries += await startRamLoader(this.loader, chip, stub, signal);
    this.loader.ramLoaderRuns = true;
    this.#ramLoaderIsOurs = true;
    if (!told && this.#flash !== null) await tellRamLoaderFlashSize(this.loader, chip, this.#flash, signal);
  }

  /** After a rate that did not work: reset, and the RAM loader again. */
  async #comeBack(stub: RamStub, rate: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#meetAgain(signal);
    } catch (error) {
      if (isFinal(asStationError(error), signal)) throw error;
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
