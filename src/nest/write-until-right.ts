import type { Region } from '../firmware/job.ts';
import type { ModuleLink } from './module-link.ts';
import type { RunNotes } from './run-notes.ts';
import { verifyRegions } from './verify-regions.ts';
import { writeRegions } from './write-regions.ts';
import type { ProgressHook } from './write-regions.ts';

/** The regions of the job, and those of them that are not in the flash yet. */
export interface WorkToDo {
  readonly all: readonly Region[];
  readonly wanted: readonly Region[];
  /** The whole flash was erased before. */
  readonly erased: boolean;
}

const rounds = 2;

/**
 * Writes and verifies, and writes once more what is wrong: the request that begins a write has no checksum, and a damaged
 * one looks like a bad flash. It may also have erased or overwritten another region. So when anything was repeated or is
 * wrong, the digests of all regions are read again, also of those that were right before.
 *
 * @throws StationError V01, V02, V04, C06, F05, W01 … W04
 */
export async function writeUntilRight(
  module: ModuleLink,
  { all, wanted, erased }: WorkToDo,
  notes: RunNotes,
  hooks: ProgressHook,
  signal: AbortSignal,
): Promise<void> {
  if (wanted.length === 0) {
    // Notes that nothing was sent; the digests have just been read.
    return writeRegions(module, { regions: wanted, erased }, notes, hooks, signal);
  }
  const repeats = (): number => notes.retries + module.loader.repeats;
  let regions = wanted;
  for (let round = 1; ; round += 1) {
    const before = repeats();
    notes.enter('write');
    await writeRegions(module, { regions, erased: erased && round === 1 }, notes, hooks, signal);
    notes.enter('verify');
    const undisturbed = round === 1 && repeats() === before;
    let wrong = await verifyRegions(module, undisturbed ? regions : all, notes, signal);
    if (wrong.length > 0 && undisturbed) wrong = await verifyRegions(module, all, notes, signal);
    const [first] = wrong;
    if (first === undefined) return;
    if (round === rounds) throw first.fault;
    notes.retries += 1;
    regions = wrong.map(({ region }) => region);
  }
}
