import type { Clock } from '../../foundation/clock.ts';
import { SimulatedChip } from '../chip/chip.ts';
import type { Application } from '../chip/chip-options.ts';
import { efusesForMac } from '../chip/efuses.ts';
import { w25q32 } from '../flash/flash-timing.ts';
import type { Misbehaviour } from '../chip/misbehaviour.ts';
import { SeededRandom } from '../seeded-random.ts';

export interface DemoModulesOptions {
  readonly clock: Clock;
  readonly speed: 'fast' | 'real';
  /** The same seed gives the same modules in the same order. */
  readonly seed: number;
  /** Share of modules with a fault, 0 … 1. */
  readonly faults: number;
  /** What a good module holds and prints once it has been flashed. */
  readonly application: Application;
  /** Whether a module has passed before and is no longer in the tray. Default: none has. */
  readonly hasLeft?: (mac: string) => boolean;
}

/** One module from the tray, and what a right station must say of it. */
export interface DemoModule {
  readonly chip: SimulatedChip;
  readonly mac: string;
  readonly misbehaviour: Misbehaviour | null;
  /** For a job with a boot check. PASS also for a fault that a repeated block or a lower rate overcomes. */
  readonly expected: 'PASS' | 'FAIL';
}

const OLD_FIRMWARE_BYTES = 512 * 1024;

/** An endless tray of modules with 4 MB of flash, some blank, some with old firmware in them, some faulty. */
export class DemoModules {
  readonly #options: DemoModulesOptions;
  readonly #random: SeededRandom;
  readonly #oldFirmware: Uint8Array;
  #nextAddress: number;

  constructor(options: DemoModulesOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#nextAddress = this.#random.below(0xf00000);
    this.#oldFirmware = this.#random.bytes(OLD_FIRMWARE_BYTES);
  }

  /** The next module; it has no power until it is put into a nest. */
  next(): DemoModule {
    let drawn = this.#draw();
    while (this.#options.hasLeft?.(drawn.mac) === true) drawn = this.#draw();
    const { mac, dirty, fault } = drawn;
    const { clock, speed, application } = this.#options;
    const chip = new SimulatedChip({
      clock,
      speed,
      application,
      flash: dirty ? { ...w25q32, content: this.#oldFirmware } : w25q32,
      efuses: efusesForMac(mac),
      misbehave: fault === null ? [] : [fault.misbehaviour],
    });
    return { chip, mac, misbehaviour: fault?.misbehaviour ?? null, expected: fault?.expected ?? 'PASS' };
  }

  /** What a module is depends only on the seed and its place in the tray, whoever has left it. */
  #draw(): { readonly mac: string; readonly dirty: boolean; readonly fault: Fault | null } {
    const mac = macOf(this.#nextAddress++);
    const dirty = this.#random.happens(0.5);
    return { mac, dirty, fault: this.#random.happens(this.#options.faults) ? this.#fault() : null };
  }

  #fault(): Fault {
    const fails = (misbehaviour: Misbehaviour): Fault => ({ misbehaviour, expected: 'FAIL' });
    const recovers = (misbehaviour: Misbehaviour): Fault => ({ misbehaviour, expected: 'PASS' });
    return this.#random.pick([
      () => fails({ kind: 'silent' }),
      () => fails({ kind: 'deafRx' }),
      () => fails({ kind: 'stuckGpio0', level: this.#random.pick(['high', 'low']) }),
      () => fails({ kind: 'flashAbsent' }),
      () => fails({ kind: 'stuckBit', ...this.#setBit() }),
      () => fails({ kind: 'writeProtected' }),
      () => fails({ kind: 'dieAfterDataBlocks', count: 1 + this.#random.below(2) }),
      () => fails({ kind: 'loaderStartFails' }),
      () => recovers({ kind: 'noiseAtReset', bytes: 1 + this.#random.below(40) }),
      () => recovers({ kind: 'badBlock', nth: 2 }),
      () => recovers({ kind: 'baudChangeFails', aboveBaud: 460_800 }),
    ])();
  }

  /** A bit that the firmware needs as 1, so that a flash in which it stays 0 cannot be verified. */
  #setBit(): { readonly address: number; readonly bit: number } {
    const region = this.#random.pick(this.#options.application.regions.filter(({ data }) => data.some((byte) => byte)));
    for (;;) {
      const offset = this.#random.below(region.data.length);
      const bit = this.#random.below(8);
      if (((region.data[offset] ?? 0) & (1 << bit)) !== 0) return { address: region.address + offset, bit };
    }
  }
}

interface Fault {
  readonly misbehaviour: Misbehaviour;
  readonly expected: 'PASS' | 'FAIL';
}

/** @param address the lower three bytes; the upper three are Espressif's 5c:cf:7f */
function macOf(address: number): string {
  const low = [16, 8, 0].map((shift) => ((address >> shift) & 0xff).toString(16).padStart(2, '0'));
  return `5c:cf:7f:${low.join(':')}`;
}
