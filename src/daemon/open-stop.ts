import type { Clock } from '../foundation/clock.ts';
import { StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Nest } from '../nest/nest.ts';

export interface StopParts {
  readonly nests: readonly Nest[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Lets go of everything that the station holds. */
  readonly letGo: () => Promise<void>;
}

/**
 * How a station stops: no new starts; the runs under way may end by themselves within a time; those that are left are
 * aborted with their records; then everything is let go.
 * @returns the stop. Called again without a time it waits no longer; every call resolves with the one end
 */
export function orderlyStop({ nests, clock, log, letGo }: StopParts): (withinMs?: number) => Promise<void> {
  /** Aborts when nothing is to be waited for any more. */
  const waiting = new AbortController();
  let stopping: Promise<void> | null = null;
  const runsEnd = async (withinMs: number): Promise<void> => {
    const fault = new StationError('O01', 'The station is being stopped.');
    for (const nest of nests) nest.block('stopping', fault);
    void Promise.all(nests.map((nest) => nest.idle())).then(() => waiting.abort());
    await clock.sleep(withinMs, waiting.signal).catch(() => undefined);
  };
  const stop = async (withinMs: number): Promise<void> => {
    try {
      if (withinMs > 0) await runsEnd(withinMs);
      const reason = new StationError('O01', 'The station was stopped.');
      const ended = await Promise.allSettled(nests.map((nest) => nest.stop(reason)));
      for (const end of ended) if (end.status === 'rejected') throw end.reason;
    } finally {
      await letGo();
    }
    log.info({ event: 'station-stopped' });
  };
  return (withinMs = 0) => {
    if (withinMs === 0) waiting.abort();
    stopping ??= stop(withinMs);
    return stopping;
  };
}
