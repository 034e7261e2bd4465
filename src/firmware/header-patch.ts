import type { ChipDefinition, FlashFrequency, FlashMode } from '../chips/chip-definition.ts';
import { imageHeaderBytes, imageMagic, readImage } from './image-header.ts';

/** The flash parameters of an image header; `keep` leaves what the image has. */
export interface HeaderParameters {
  readonly mode: FlashMode | 'keep';
  readonly frequency: FlashFrequency | 'keep';
  /** Name of a size in the chip's header codes, or `keep`. */
  readonly size: string;
}

/**
 * The image with bytes 2 and 3 set, as a copy; the same array when the rules of protocol reference §7.4 leave it alone:
 * not at the boot address, nothing to set, no E9 image, or one whose checksum does not verify. The checksum does not
 * cover the header.
 */
export function patchHeader(
  bytes: Uint8Array,
  address: number,
  chip: ChipDefinition,
  parameters: HeaderParameters,
): Uint8Array {
  const { mode, frequency, size } = parameters;
  if (address !== chip.bootAddress || bytes.length < imageHeaderBytes || bytes[0] !== imageMagic) return bytes;
  if (mode === 'keep' && frequency === 'keep' && size === 'keep') return bytes;
  const reading = readImage(bytes);
  if (reading.kind !== 'image') return bytes;
  const { header } = reading;
  const { modes, sizes, frequencies } = chip.header;
  const sizeCode = sizes[size]?.code ?? header.sizeCode;
  const frequencyCode = frequency === 'keep' ? header.frequencyCode : frequencies[frequency];
  const patched = Uint8Array.from(bytes);
  patched[2] = mode === 'keep' ? header.modeCode : modes[mode];
  patched[3] = sizeCode | frequencyCode;
  return patched;
}

/** Name of the size code for a flash of this many bytes, the plain map where there are several; or undefined. */
export function sizeNameOf(chip: ChipDefinition, flashBytes: number): string | undefined {
  return Object.entries(chip.header.sizes).find(([, size]) => size.bytes === flashBytes)?.[0];
}
