import type { StationSetup } from './station-setup.ts';
import type { Clock } from '../foundation/clock.ts';
import { errorRecord, errorText } from '../foundation/error-record.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { nextModeOf } from '../ledger/runs/samples.ts';
import type { DuplicateMacs } from '../nest/identity/duplicate-macs.ts';
import type { JobHolder } from '../nest/job/job-holder.ts';
import { nestStateOf } from '../nest/nest-state.ts';
import type { Nest } from '../nest/nest.ts';
import type { NestLocks } from '../nest/nest-locks.ts';
import type { StationActions } from '../nest/station-actions.ts';
import type { ActiveAlarms } from '../web/active-alarms.ts';
import type { StationView } from '../web/station-view.ts';

export interface ControlStationParts {
  readonly setup: StationSetup;
  readonly nests: readonly Nest[];
  readonly jobs: JobHolder;
  readonly ledger: Pick<Ledger, 'standing'>;
  readonly locks: Pick<NestLocks, 'all'>;
  readonly duplicates: Pick<DuplicateMacs, 'holds'>;
  readonly alarms: ActiveAlarms;
  readonly actions: StationActions;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The control socket of a station; it comes up after the nests listen, and a press does not wait for it. */
export interface Control extends AsyncDisposable {
  /** Resolves when it listens, false when it cannot; that is logged. */
  readonly listening: Promise<boolean>;
}

/** @returns at once; null: the station has no socket */
export function openControl(parts: ControlStationParts): Control | null {
  const { setup, nests, actions, clock, log } = parts;
  const path = setup.controlSocket ?? null;
  if (path === null) return null;
  const starting = (async (): Promise<AsyncDisposable | null> => {
    try {
      // Some hundred modules, which no start of a run needs.
      const { startControlServer } = await import('../web/control-server.ts');
      const numbers = nests.map(({ number }) => number);
      const { id: station } = setup.station;
      const view = (): StationView => viewOf(parts);
      const server = await startControlServer(path, { station, actions, view, nests: numbers, clock });
      log.info({ event: 'control-socket', path });
      return server;
    } catch (error) {
      log.warn({ event: 'no-control-socket', path }, errorText(errorRecord(error)));
      return null;
    }
  })();
  return {
    listening: starting.then((server) => server !== null),
    [Symbol.asyncDispose]: async () => (await starting)?.[Symbol.asyncDispose](),
  };
}

function viewOf({ setup, nests, jobs, ledger, locks, duplicates, alarms }: ControlStationParts): StationView {
  const { job, fault } = jobs;
  return {
    station: setup.station.id,
    software: setup.software,
    job_name: jobs.name,
    job:
      job === null
        ? null
        : {
            job: job.name,
            job_hash: job.hash,
            operation: job.operation,
            product: job.product,
            release: job.release,
          },
    job_fault: fault === null ? null : { code: fault.code, error: fault.detail, action: fault.action },
    nests: nests.map(({ number, state: shown }) => {
      const { nest, state, code, phase, progress, runId } = nestStateOf(number, shown);
      const sample = nextModeOf(ledger.standing, number);
      return { nest, state, code, phase, progress, run_id: runId, sample: sample === 'production' ? null : sample };
    }),
    locks: locks.all().map(({ since, ...lock }) => ({ ...lock, at: new Date(since).toISOString() })),
    alarms: alarms.all().map(({ slug, nest, code, detail, since }) => ({
      ...{ alarm: slug, nest, code, detail },
      since: new Date(since).toISOString(),
    })),
    holds: duplicates.holds().map(({ mac, at, saved }) => ({ mac, code: 'D04', at, saved })),
  };
}
