import { digestFault, readDigest } from '../../bootloader/flash-verifier.ts';
import type { StationError } from '../../foundation/faults.ts';
import type { Region } from '../../firmware/job.ts';
import { overMendedLink } from '../module/mended-link.ts';
import type { ModuleLink } from '../module/module-link.ts';
import type { RunNotes } from '../run/run-notes.ts';

/** A region whose digest is not what was meant to be written, and what that means. */
export interface WrongRegion {
  readonly region: Region;
  /** V04 when it is empty, else V01. */
  readonly fault: StationError;
}

/**
 * Compares the digest of every region, also after one was wrong: the report is to show them all.
 *
 * @throws StationError V02, W03
 */
export async function verifyRegions(
  module: ModuleLink,
  regions: readonly Region[],
  notes: RunNotes,
  signal: AbortSignal,
): Promise<readonly WrongRegion[]> {
  const wrong: WrongRegion[] = [];
  for (const region of regions) {
    const md5 = await overMendedLink(module, signal, () => readDigest(module.loader, region, signal));
    notes.found(region.address, md5);
    const fault = digestFault(region, md5);
    if (fault !== null) wrong.push({ region, fault });
  }
  return wrong;
}
