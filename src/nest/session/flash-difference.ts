import { createHash } from 'node:crypto';
import { readDigest } from '../../bootloader/flash-verifier.ts';
import { readFlashBytes } from '../../bootloader/flash-reader.ts';
import type { ChipDefinition } from '../../chips/chip-definition.ts';
import type { Loader } from '../../bootloader/loader.ts';

/** One byte of flash that is not what it should be. */
export interface ByteDifference {
  readonly address: number;
  readonly expected: number;
  readonly actual: number;
}

const sectorBytes = 0x1000;

/** MD5 of bytes, lower-case hexadecimal. */
function md5(data: Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}

/** The digest of `data` on the module, and what it should be. @throws StationError V02, W03 */
export async function digestOf(
  loader: Loader,
  address: number,
  data: Uint8Array,
  signal: AbortSignal,
): Promise<{ readonly expected: string; readonly actual: string }> {
  const expected = md5(data);
  return { expected, actual: await readDigest(loader, { address, data, md5: expected }, signal) };
}

/**
 * The first byte that differs, in a range whose digest does: halves the range by digests down to one sector, and reads
 * that sector.
 *
 * @returns null when that sector reads right: the flash does not read the same every time
 * @throws StationError V02, W03, C04, C06
 */
export async function firstDifference(
  loader: Loader,
  chip: ChipDefinition,
  address: number,
  data: Uint8Array,
  signal: AbortSignal,
): Promise<ByteDifference | null> {
  let start = 0;
  let end = data.length;
  while (end - start > sectorBytes) {
    const middle = start + Math.ceil((end - start) / 2 / sectorBytes) * sectorBytes;
    const { expected, actual } = await digestOf(loader, address + start, data.subarray(start, middle), signal);
    if (expected === actual) start = middle;
    else end = middle;
  }
  const read = await readFlashBytes(loader, chip, { address: address + start, bytes: end - start }, signal);
  const at = read.findIndex((byte, index) => byte !== data[start + index]);
  if (at < 0) return null;
  return { address: address + start + at, expected: data[start + at] ?? 0, actual: read[at] ?? 0 };
}
