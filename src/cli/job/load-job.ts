import { dirname, resolve } from 'node:path';
import { StationError } from '../../foundation/faults.ts';
import { diskFiles } from '../../firmware/job-files.ts';
import { fileProblem } from '../../foundation/file-problem.ts';
import type { FileStamp } from '../../firmware/job-files.ts';
import { resolveJob } from '../../firmware/resolve-job.ts';
import type { ResolvedJob } from '../../firmware/resolve-job.ts';

/**
 * Loads a job file and its images. `assertUnchanged` looks after the job file too: when it has been edited, the job is
 * worked out again, and another hash is J03.
 * @throws ConfigError when the file is no valid job
 * @throws StationError J01 when it cannot be read; J02 to J05 as resolveJob
 */
export async function loadJob(file: string): Promise<ResolvedJob> {
  // Only a command that loads a job pays for loading the schema library.
  const { parseJobFile } = await import('../../config/job-file.ts');
  const path = resolve(file);
  const read = (): { readonly job: ResolvedJob; readonly stamp: FileStamp } => {
    const { bytes, stamp } = readable(file, () => diskFiles.read(path));
    const definition = parseJobFile(new TextDecoder().decode(bytes), file);
    return { job: resolveJob(definition, dirname(path), diskFiles), stamp };
  };
  const first = read();
  let { stamp } = first;
  return {
    ...first.job,
    assertUnchanged: () => {
      first.job.assertUnchanged();
      if (readable(file, () => diskFiles.stamp(path)) === stamp) return;
      const again = hashOf(read);
      if (again.hash !== first.job.hash) {
        throw new StationError('J03', `${file} has been changed since it was loaded.`);
      }
      stamp = again.stamp;
    },
  };
}

/** An edited file that is no valid job any more has changed, whatever else is wrong with it. */
function hashOf(read: () => { readonly job: ResolvedJob; readonly stamp: FileStamp }): {
  readonly hash: string | null;
  readonly stamp: FileStamp;
} {
  try {
    const { job, stamp } = read();
    return { hash: job.hash, stamp };
  } catch (error) {
    if (error instanceof StationError) throw error;
    return { hash: null, stamp: '' };
  }
}

function readable<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new StationError('J01', `The job file ${file} cannot be read: ${fileProblem(error)}.`, { cause: error });
  }
}
