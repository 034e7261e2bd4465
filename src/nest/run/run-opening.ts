import type { Job } from '../../firmware/job.ts';
import type { RunOpening } from './run-result.ts';

/** What the run itself does not know of the job. */
export type RunFacts = Omit<RunOpening, 'fixtureId' | 'job' | 'jobHash' | 'operation' | 'release' | 'product'>;

/** The record of a run as it is opened. */
export function openingOf(job: Job, facts: RunFacts): RunOpening {
  return {
    ...facts,
    fixtureId: null,
    job: job.name,
    jobHash: job.hash,
    operation: job.operation,
    release: job.release,
    product: job.product,
  };
}
