import type { ChipDefinition } from '../../chips/chip-definition.ts';
import { readHeader, readImage } from '../../firmware/image-header.ts';
import type { ImageHeader } from '../../firmware/image-header.ts';
import { hexNumber } from '../../foundation/bytes.ts';

/** Names where the chip has them, else the code. */
export interface HeaderRow {
  readonly mode: string;
  readonly size: string;
  readonly frequency: string;
}

/** The header of an image; null: the bytes are none. */
export function headerRow(bytes: Uint8Array, chip: ChipDefinition): HeaderRow | null {
  if (readImage(bytes).kind !== 'image') return null;
  const header: ImageHeader = readHeader(bytes);
  const { modes, sizes, frequencies } = chip.header;
  const name = (codes: readonly (readonly [string, number])[], code: number): string =>
    codes.find(([, known]) => known === code)?.[0] ?? hexNumber(code, 2);
  return {
    mode: name(Object.entries(modes), header.modeCode),
    size: name(
      Object.entries(sizes).map(([size, { code }]) => [size, code] as const),
      header.sizeCode,
    ),
    frequency: name(Object.entries(frequencies), header.frequencyCode),
  };
}
