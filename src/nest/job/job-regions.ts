import { StationError } from '../../foundation/faults.ts';
import type { Job, Region } from '../../firmware/job.ts';

/** The regions of a job for the module that is there. @throws StationError F03 when its flash is too small */
export function regionsOnModule(job: Pick<Job, 'flash' | 'regionsFor'>, flashBytes: number): readonly Region[] {
  const { size } = job.flash;
  if (size !== 'detect' && flashBytes < size) {
    throw new StationError('F03', `The flash has ${flashBytes} bytes; the job expects ${size}.`);
  }
  try {
    return job.regionsFor(flashBytes);
  } catch (error) {
    // The job itself was checked when it was loaded, so what does not fit now is this module.
    if (!(error instanceof StationError) || error.code !== 'J05') throw error;
    throw new StationError('F03', error.detail, { cause: error });
  }
}
