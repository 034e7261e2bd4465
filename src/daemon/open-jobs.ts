import type { StationDrivers, StationSetup } from './station-setup.ts';
import { StationError } from '../foundation/faults.ts';
import { hostBootId } from '../foundation/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { JobApprovals } from '../nest/job/job-approvals.ts';
import { JobHolder } from '../nest/job/job-holder.ts';
import type { StationEvent } from '../nest/station-event.ts';
import { jobInfo } from './open-publisher.ts';

/** The name of the only job where there are none to choose from. */
const onlyJob = 'job';

/** The job that was chosen last, else that of the station file; it is not loaded yet. @throws StationError S01 */
export function openJobs(
  { loadJob, job: first = onlyJob, approved }: StationSetup,
  ledger: Ledger,
  { clock, log }: StationDrivers,
  tell: (event: StationEvent) => void,
): JobHolder {
  const [choice] = ledger.standing.of('job', 'station');
  if (choice !== undefined && choice.value !== first) {
    const { value: job, who, at } = choice;
    log.info({ event: 'job-choice', job, who, at }, `The job ${job} was chosen in place of ${first ?? 'none'}.`);
  }
  return new JobHolder(choice?.value ?? first, {
    load: loadJob,
    approvals: new JobApprovals(approved, ledger.standing, log),
    clock,
    log,
    onLoaded: (job) => {
      tell({ kind: 'jobLoaded', job: jobInfo(job) });
      ledger.audit.note('job', job.hash, hostBootId(), job.name);
    },
  });
}

/** @param jobs null: the ledger is not open yet, so nobody knows what is approved @throws StationError J01 */
export function startedJobs(jobs: JobHolder | null): JobHolder {
  if (jobs === null) throw new StationError('J01', 'The station has not loaded its job yet.');
  return jobs;
}
