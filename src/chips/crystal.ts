import type { ChipDefinition } from './chip-definition.ts';

/** The crystal of a module, as the divider that its UART uses for a known rate shows it. */
export interface CrystalReading {
  /** The frequency that the chip's rule takes it for, MHz. */
  readonly mhz: number;
  /** What divider and rate give, MHz. */
  readonly measuredMhz: number;
  /** False when the two differ by more than 1 MHz: the rate of the host, the divider or the crystal is not as it should be. */
  readonly agrees: boolean;
}

// At all rates up to 3 000 000 baud the rounding of the divider moves a usual crystal by at most this.
const toleranceMhz = 1;

/**
 * Source: protocol reference §4.5.
 *
 * @param divider of the UART clock, without the other bits of the register
 * @param baud the rate of the link, to which that divider belongs
 */
export function readCrystal(chip: ChipDefinition, divider: number, baud: number): CrystalReading {
  const measuredMhz = (divider * baud) / chip.uartClockHz(1);
  const mhz = chip.crystals.find(({ aboveMhz }) => measuredMhz > aboveMhz)?.mhz ?? chip.usualCrystalMhz;
  return { mhz, measuredMhz, agrees: Math.abs(measuredMhz - mhz) <= toleranceMhz };
}
