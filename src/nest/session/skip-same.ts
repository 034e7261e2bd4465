import { isAlreadyThere } from '../../bootloader/flash-verifier.ts';
import type { Region } from '../../firmware/job.ts';
import { overMendedLink } from '../module/mended-link.ts';
import type { ModuleLink } from '../module/module-link.ts';
import type { RunNotes } from '../run/run-notes.ts';

/**
 * Asks for the digests of all regions and notes those that are right already. Their digests stand in the report like the
 * others: read before the write instead of after it.
 *
 * @returns the regions that have to be written
 * @throws StationError V02, W03
 */
export async function skipSame(
  module: ModuleLink,
  regions: readonly Region[],
  notes: RunNotes,
  signal: AbortSignal,
): Promise<readonly Region[]> {
  notes.enter('verify');
  const wanted: Region[] = [];
  let skipped = 0;
  for (const region of regions) {
    if (!(await overMendedLink(module, signal, () => isAlreadyThere(module.loader, region, signal)))) {
      wanted.push(region);
      continue;
    }
    skipped += region.data.length;
    notes.expect(region);
    notes.found(region.address, region.md5);
  }
  notes.bytesSkipped = skipped;
  return wanted;
}
