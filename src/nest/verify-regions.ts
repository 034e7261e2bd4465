import { digestFault, readDigest } from '../bootloader/flash-verifier.ts';
import type { StationError } from '../foundation/faults.ts';
import type { Region } from '../firmware/job.ts';
import { isOfLine } from './line-faults.ts';
import type { ModuleLink } from './module-link.ts';
import type { RunNotes } from './run-notes.ts';

/**
 * Compares the digest of every region, also after one was wrong: the report is to show them all.
 *
 * @throws StationError V01, V02, V04, W03
 */
export async function verifyRegions(
  module: ModuleLink,
  regions: readonly Region[],
  notes: RunNotes,
  signal: AbortSignal,
): Promise<void> {
  let first: StationError | null = null;
  for (const region of regions) {
    const md5 = await digestOf(module, region, signal);
    notes.digestsActual.push({ address: region.address, md5 });
    first ??= digestFault(region, md5);
  }
  if (first !== null) throw first;
}

/** A digest that does not come says nothing about the flash: the link is mended and it is asked for again. */
async function digestOf(module: ModuleLink, region: Region, signal: AbortSignal): Promise<string> {
  try {
    return await readDigest(module.loader, region, signal);
  } catch (error) {
    if (!isOfLine(error) || !(await module.startAfresh(error, signal))) throw error;
    return readDigest(module.loader, region, signal);
  }
}
