import { resolveAddress } from '../../firmware/symbolic-addresses.ts';
import type { Job, Region } from '../../firmware/job.ts';
import type { Resettable } from '../../bootloader/reset-sequences.ts';
import { StationError } from '../../foundation/faults.ts';
import type { Clock } from '../../foundation/clock.ts';
import { checkBoot } from './boot-check.ts';
import type { ModuleLink } from '../module/module-link.ts';
import type { RunNotes } from '../run/run-notes.ts';

/** What was written into the module, and how to do it all again after the whole flash was erased. */
export interface StartedWork {
  readonly job: Job;
  readonly boot: Exclude<Job['boot'], 'off'>;
  readonly regions: readonly Region[];
  readonly flashBytes: number;
  readonly writeAgain: () => Promise<void>;
}

/**
 * Starts what was written and checks the start. Where the firmware finds no radio data that fit it, those of an earlier
 * firmware may be in its way: everything is erased, written and started once more (production reference §4.5).
 *
 * @throws StationError B01 … B08, and whatever `writeAgain` throws
 */
export async function startApplication(
  { clock }: { readonly clock: Clock },
  { module, reset }: { readonly module: ModuleLink; readonly reset: Resettable },
  work: StartedWork,
  notes: RunNotes,
  signal: AbortSignal,
): Promise<void> {
  const { job, boot, flashBytes, writeAgain } = work;
  const check = async (): Promise<void> => {
    notes.enter('boot');
    const { link } = module.loader;
    notes.trace.isTalk = true;
    try {
      const { textBaud } = module;
      await checkBoot({ link, clock, reset, chip: job.chip, textBaud, flashBytes }, boot, notes, signal);
    } finally {
      notes.trace.isTalk = false;
    }
  };
  try {
    await check();
  } catch (error) {
    if (!isOfRadioData(error)) throw error;
    notes.retries += 1;
    await writeAgain();
    await check().catch((second: unknown) => {
      throw isOfRadioData(second) ? stillThere(second, work) : second;
    });
  }
}

function isOfRadioData(error: unknown): error is StationError {
  return error instanceof StationError && error.code === 'B06';
}

function stillThere(fault: StationError, { regions, flashBytes }: StartedWork): StationError {
  const address = resolveAddress('init-data', flashBytes);
  const writes = regions.some((region) => region.address <= address && address < region.address + region.data.length);
  const missing = writes ? '' : ' The job writes no init data.';
  const detail = `${fault.detail} It did so again after the whole flash was erased and written once more.${missing}`;
  return new StationError('B06', detail, { cause: fault });
}
