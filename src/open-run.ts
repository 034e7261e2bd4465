import type { StationSetup } from './daemon.ts';
import type { Clock } from './foundation/clock.ts';
import { isClockSynced } from './foundation/host.ts';
import type { Job } from './firmware/job.ts';
import { openingOf } from './nest/run-opening.ts';
import type { RunOpening } from './nest/run-result.ts';
import type { RunStart } from './nest/run-work.ts';

/** The record of a run as this station opens it. */
export function describeRun(
  { bootId, setup, clock }: { readonly bootId: string | null; readonly setup: StationSetup; readonly clock: Clock },
  job: Job,
  nest: number,
  start: RunStart,
): RunOpening {
  return openingOf(job, {
    ...start,
    station: setup.station.id,
    line: setup.station.line,
    workOrder: setup.station.workOrder ?? null,
    lot: setup.station.lot ?? null,
    nest,
    startedAt: clock.now(),
    bootId,
    monoMs: clock.monotonic(),
    clockSynced: isClockSynced(),
    simulated: setup.simulated,
    software: setup.software,
  });
}
