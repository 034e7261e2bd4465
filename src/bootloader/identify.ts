import type { ChipDefinition, ChipIdentity } from '../chips/chip-definition.ts';
import { readCrystal } from '../chips/crystal.ts';
import type { CrystalReading } from '../chips/crystal.ts';
import { hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';
import { crystalOf } from './baud-change.ts';
import type { Loader } from './loader.ts';
import { readRegisterSurely } from './registers.ts';

/** What the chip's own registers say. */
export interface ChipReading extends Omit<ChipIdentity, 'mac' | 'macProblem'> {
  /** Lower case with colons. */
  readonly mac: string;
  /** Frequency of the crystal; null when the divider of the UART fits none that is known. */
  readonly crystalMhz: number | null;
  /** The same for people: always a frequency, and how well it fits. */
  readonly crystal: CrystalReading;
}

/**
 * Reads who the chip is. What goes into the record or would fail the module is read at least twice.
 *
 * @throws StationError D01 for another family, D03 for an invalid MAC, C04 when readings never agree, C06 when it stops to
 *   answer
 */
export async function identifyChip(loader: Loader, chip: ChipDefinition, signal: AbortSignal): Promise<ChipReading> {
  let magic = 0;
  for (let reading = 0; reading < 2 && magic !== chip.magic; reading += 1) {
    magic = await loader.readRegister(chip.registers.detect, signal);
  }
  if (magic !== chip.magic) {
    throw new StationError('D01', `The detect register reads ${hexNumber(magic, 8)}, not ${hexNumber(chip.magic, 8)}.`);
  }
  const words: number[] = [];
  for (const address of chip.registers.efuses) words.push(await readRegisterSurely(loader, address, signal));
  const { mac, macProblem, ...identity } = chip.identify(words);
  if (mac === null) throw new StationError('D03', macProblem ?? undefined);
  const divider = (await loader.readRegister(chip.registers.uartDivider, signal)) & 0xfffff;
  const { baud } = loader.link;
  return { ...identity, mac, crystalMhz: crystalOf(chip, divider, baud), crystal: readCrystal(chip, divider, baud) };
}
