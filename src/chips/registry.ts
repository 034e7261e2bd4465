import type { ChipDefinition } from './chip-definition.ts';
import { esp8266 } from './esp8266.ts';

/** Every chip that jobs may name; a new chip is a file beside this one and a line here. */
export const chips: readonly ChipDefinition[] = [esp8266];

/** The chip of a job's `chip:` key, or undefined. */
export function findChip(family: string): ChipDefinition | undefined {
  return chips.find((chip) => chip.family === family);
}
