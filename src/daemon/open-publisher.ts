import type { StationDrivers, StationSetup } from './station-setup.ts';
import type { EventStream } from '../foundation/event-stream.ts';
import type { Job } from '../firmware/job.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { startPublisher } from '../mqtt/publisher.ts';
import type { Publisher } from '../mqtt/publisher.ts';
import type { JobInfo, StationEvent } from '../nest/station-event.ts';

/** Publishes what the station tells; null when nothing is to be published. */
export async function openPublisher(
  { mqtt, station, software, simulated, nests }: StationSetup,
  bootId: string | null,
  job: Job | null,
  ledger: Ledger,
  { clock, log }: StationDrivers,
  events: EventStream<StationEvent>,
): Promise<Publisher | null> {
  if (mqtt === null) return null;
  const info = {
    station: station.id,
    line: station.line,
    software,
    bootId,
    simulated,
    nests: nests.map(({ id }) => id),
    language: station.language ?? 'en',
  };
  const shifts = { timezone: station.timezone ?? null, shifts: station.shifts ?? [] };
  const lot = station.lot ?? null;
  const options = { ...mqtt, station: info, job: job === null ? null : jobInfo(job), shifts, lot };
  const publisher = await startPublisher({ ledger, clock, log, options });
  events.subscribe((event) => publisher.accept(event));
  return publisher;
}

/** What is told of a job. */
export function jobInfo({ name, hash, operation, product, release }: Job): JobInfo {
  return { job: name, jobHash: hash, operation, product, release };
}
