import type { StationSetup } from './station-setup.ts';
import type { Clock } from '../foundation/clock.ts';
import type { Job } from '../firmware/job.ts';
import { openingOf } from '../nest/run/run-opening.ts';
import type { RunOpening } from '../nest/run/run-result.ts';
import type { RunStart } from '../nest/run/run-work.ts';

export interface RunContext {
  readonly bootId: string | null;
  readonly setup: StationSetup;
  readonly clock: Clock;
  /** Whether the wall clock was set since the boot; null: nobody knows. */
  readonly isClockSynced: () => boolean | null;
}

/** The record of a run as this station opens it. */
export function describeRun(
  { bootId, setup, clock, isClockSynced }: RunContext,
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
