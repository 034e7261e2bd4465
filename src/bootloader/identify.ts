import type { ChipDefinition } from '../chips/chip-definition.ts';
import { hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';
import type { Loader } from './loader.ts';

/** What the chip's own registers say. */
export interface ChipReading {
  /** Lower case with colons. */
  readonly mac: string;
  /** Type on the label, such as ESP8266EX. */
  readonly variant: string;
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
  for (const address of chip.registers.efuses) words.push(await loader.readRegisterSurely(address, signal));
  const { mac, macProblem, variant } = chip.identify(words);
  if (mac === null) throw new StationError('D03', macProblem ?? undefined);
  return { mac, variant };
}
