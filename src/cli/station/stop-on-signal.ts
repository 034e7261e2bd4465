import type { Station } from '../../daemon.ts';
import type { Logger } from '../../foundation/logger.ts';
import { notifyServiceManager } from '../../foundation/service-manager.ts';
import { systemClock } from '../../foundation/system-clock.ts';
import type { EndingSignals } from '../terminal/interrupt.ts';

/** More than an orderly stop takes when it waits for no run. */
export const stopLimitMs = 15_000;
/** What the service manager gives beyond that, ms. */
const spareMs = 15_000;

const exit = (): never => process.exit(1);

/**
 * Waits for the first signal and stops the station in order: the runs under way may still take `withinMs`. A second
 * signal aborts them at once, a third ends the process, with the lines released and nothing recorded.
 */
export async function stopOnSignal(
  station: Pick<Station, 'stop'>,
  signals: EndingSignals,
  withinMs: number,
  log: Logger,
): Promise<void> {
  const signal = await signals.nth(1);
  log.info({ event: 'stopping', signal, withinMs });
  const limits = [systemClock.after(withinMs + stopLimitMs, exit)];
  void signals.nth(2).then((second) => {
    log.warn({ event: 'stopping-now', signal: second });
    limits.push(systemClock.after(stopLimitMs, exit));
    void station.stop();
  });
  void signals.nth(3).then(exit);
  const stopping = station.stop(withinMs);
  // Whatever the unit says: as long as the station file does.
  const timeoutUs = (withinMs + stopLimitMs + spareMs) * 1_000;
  const told = notifyServiceManager('STOPPING=1', `EXTEND_TIMEOUT_USEC=${timeoutUs}`);
  try {
    await stopping;
    await told;
  } finally {
    for (const cancel of limits) cancel();
  }
}
