import { digestFault, readDigest } from '../../bootloader/flash-verifier.ts';
import type { Job, Region } from '../../firmware/job.ts';
import { firstDifference } from './flash-difference.ts';
import type { ByteDifference } from './flash-difference.ts';
import { regionsOnModule } from '../job/job-regions.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import { useLoader } from './use-loader.ts';
import type { LoadedModule, WorkHooks } from './use-loader.ts';
import type { ModuleTarget, SessionParts } from './use-module.ts';

/** What the flash holds where a region of the job belongs. */
export interface RegionVerdict {
  readonly address: number;
  readonly bytes: number;
  readonly label: string;
  /** MD5, lower-case hexadecimal. */
  readonly expected: string;
  readonly actual: string;
  /** empty: nothing but FF. */
  readonly verdict: 'same' | 'different' | 'empty';
  /** Null when it is the same, and when the flash read right at the second look. */
  readonly firstDifference: ByteDifference | null;
}

/** Which module was compared, and what it holds. */
export interface Verification {
  readonly identity: ModuleIdentity;
  /** In the order of the job's regions. */
  readonly verdicts: readonly RegionVerdict[];
}

export interface VerifyRequest extends Omit<ModuleTarget, 'chip'> {
  readonly job: Job;
}

/**
 * Compares the flash of a module with a job, header patch and padding included. Nothing is written.
 * @throws StationError F03 when the job does not fit the module; else as useLoader
 */
export function verifyModule(
  parts: SessionParts,
  { job, ...target }: VerifyRequest,
  hooks: WorkHooks,
  signal: AbortSignal,
): Promise<Verification> {
  return useLoader(parts, { ...target, chip: job.chip }, hooks, signal, async (module) => {
    const regions = regionsOnModule(job, module.identity.flashBytes);
    const total = regions.reduce((sum, { data }) => sum + data.length, 0);
    hooks.phase('verify');
    const verdicts: RegionVerdict[] = [];
    let done = 0;
    for (const region of regions) {
      verdicts.push(await verdictOn(region, job, module, signal));
      done += region.data.length;
      hooks.progress(done / Math.max(1, total));
    }
    return { identity: module.identity, verdicts };
  });
}

async function verdictOn(
  region: Region,
  { chip }: Job,
  { loader }: LoadedModule,
  signal: AbortSignal,
): Promise<RegionVerdict> {
  const { address, data, label, md5: expected } = region;
  const actual = await readDigest(loader, region, signal);
  const about = { address, bytes: data.length, label, expected, actual };
  const fault = digestFault(region, actual);
  if (fault === null) return { ...about, verdict: 'same', firstDifference: null };
  const verdict = fault.code === 'V04' ? 'empty' : 'different';
  return { ...about, verdict, firstDifference: await firstDifference(loader, chip, address, data, signal) };
}
