import { AlarmWatch } from '../alarms/alarm-watch.ts';
import { LockKeeper } from '../alarms/lock-keeper.ts';
import type { StationDrivers, StationSetup } from './station-setup.ts';
import { usualAlarmLimits } from '../foundation/alarm-limits.ts';
import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { StationError } from '../foundation/faults.ts';
import type { EventStream } from '../foundation/event-stream.ts';
import type { LedgerAlarms } from '../ledger/ledger-alarms.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RecentRun } from '../ledger/runs/recent-runs.ts';
import type { JobHolder } from '../nest/job/job-holder.ts';
import type { Nest } from '../nest/nest.ts';
import { NestLocks } from '../nest/nest-locks.ts';
import type { RunResult } from '../nest/run/run-result.ts';
import type { StationEvent } from '../nest/station-event.ts';

/** More than any rule remembers of one nest, with room for the runs that count nowhere. */
const learntRuns = 260;

export interface StationAlarms extends Disposable {
  readonly locks: NestLocks;
  /** Ends an alarm that lasts until somebody has seen it. False when it does not last. @throws StationError S01, S02 */
  readonly acknowledge: (slug: AlarmSlug, who: string) => boolean;
}

/**
 * Applies the locks that stand, learns from the ledger what the last runs say, and watches from now on. To be called when
 * there are listeners, and before the nests listen.
 * @throws StationError S01 when the ledger cannot be read
 */
export function openAlarms(
  setup: StationSetup,
  { clock, log }: Pick<StationDrivers, 'clock' | 'log'>,
  { ledger, jobs, about }: { readonly ledger: Ledger; readonly jobs: JobHolder; readonly about: LedgerAlarms },
  nests: readonly Nest[],
  events: EventStream<StationEvent>,
): StationAlarms {
  const numbers = nests.map(({ number }) => number);
  const limits = setup.alarms ?? usualAlarmLimits;
  const lot = setup.station.lot ?? null;
  const tell = (event: StationEvent): void => events.publish(event);
  const { standing, figures } = ledger;
  const keeper = new LockKeeper(limits, numbers);
  const onUnlocked = keeper.unlocked.bind(keeper);
  const locks = new NestLocks({ nests, standing, clock, log, tell, onUnlocked });
  const jobFault = (): StationError | null => jobs.fault;
  const watch = new AlarmWatch({ limits, nests: numbers, lot, figures, standing, jobFault, clock, log, tell });
  const runs = lastRuns(ledger, numbers);
  keeper.learn(runs, standing);
  locks.restore();
  keeper.lock(locks);
  watch.start(runs);
  let disposed = false;
  const recorded = (result: RunResult): void => {
    if (disposed) return;
    try {
      keeper.take(result);
      keeper.lock(locks);
    } catch (error) {
      log.error({ event: 'locks-failed', err: error });
    }
    watch.recorded(result);
  };
  const subscription = events.subscribe((event) => {
    // Whatever a result leads to is told behind it, to every listener.
    if (event.kind === 'runResult') queueMicrotask(() => recorded(event.result));
    else watch.heard(event);
  });
  return {
    locks,
    acknowledge: (slug, who) => (slug === 'ledger' ? about.acknowledge(standing, who) : watch.acknowledge(slug, who)),
    [Symbol.dispose]() {
      disposed = true;
      subscription[Symbol.dispose]();
      watch[Symbol.dispose]();
    },
  };
}

/** Of each nest and of the station, which may have had other nests, in the order of recording. */
function lastRuns({ figures }: Ledger, nests: readonly number[]): RecentRun[] {
  const runs = [...nests, 'station' as const].flatMap((place) => figures.recentRuns(place, learntRuns));
  const byPosition = new Map(runs.map((run) => [run.position, run]));
  return [...byPosition.values()].toSorted((one, other) => one.position - other.position);
}
