import type { Region } from '../../firmware/job.ts';
import type { ModuleLink } from '../module/module-link.ts';
import type { RunNotes } from '../run/run-notes.ts';
import { verifyRegions } from './verify-regions.ts';
import { writeRegions } from './write-regions.ts';
import type { ProgressHook } from './write-regions.ts';

/** The regions of the job, and those of them that are not in the flash yet. */
export interface WorkToDo {
  readonly all: readonly Region[];
  readonly wanted: readonly Region[];
  /** Erases the whole flash before it is written; null where that is not ordered. */
  readonly eraseAll: (() => Promise<void>) | null;
}

const rounds = 2;

/**
 * Writes and verifies, and does it once more where something is wrong: requests that begin a write or erase have no
 * checksum, and a damaged one looks like a bad flash. It may also have erased or overwritten what it should not. So when
 * anything was repeated, was only erased or is wrong, the digests of all regions are read again, also of those that were
 * right before; and where the whole flash was to be erased, it is erased again.
 *
 * @throws StationError V01, V02, V04, C06, F05, W01 … W04
 */
export async function writeUntilRight(
  module: ModuleLink,
  { all, wanted, eraseAll }: WorkToDo,
  notes: RunNotes,
  hooks: ProgressHook,
  signal: AbortSignal,
): Promise<void> {
  const erased = eraseAll !== null;
  if (wanted.length === 0) {
    // Notes that nothing was sent; the digests have just been read.
    await writeRegions(module, { regions: wanted, erased }, notes, hooks, signal);
    return;
  }
  const repeats = (): number => notes.retries + module.loader.repeats;
  let regions = wanted;
  for (let round = 1; ; round += 1) {
    const before = repeats();
    await eraseAll?.();
    notes.enter('write');
    const erasedOnly = await writeRegions(module, { regions, erased }, notes, hooks, signal);
    notes.enter('verify');
    const undisturbed = round === 1 && repeats() === before && !erasedOnly;
    let wrong = await verifyRegions(module, undisturbed ? regions : all, notes, signal);
    if (wrong.length > 0 && undisturbed) wrong = await verifyRegions(module, all, notes, signal);
    const [first] = wrong;
    if (first === undefined) return;
    if (round === rounds) throw first.fault;
    notes.retries += 1;
    const again = wrong.map(({ region }) => region);
    notes.unskip(again.filter((region) => !wanted.includes(region)));
    regions = erased ? all : again;
  }
}
