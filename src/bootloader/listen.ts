import type { Clock } from '../foundation/clock.ts';
import { within } from '../foundation/deadline.ts';
import type { SerialLink } from '../serial/serial-link.ts';

/**
 * Hands every piece that arrives to `heard` until it returns true or the time is over.
 *
 * @returns true when `heard` ended it
 * @throws StationError S04 when the port has gone, the signal's reason when it aborts
 */
export async function listen(
  link: SerialLink,
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  heard: (bytes: Uint8Array) => boolean,
): Promise<boolean> {
  const over = new Error('The time is over.');
  try {
    await within(
      clock,
      limitMs,
      () => over,
      signal,
      async (own) => {
        while (!heard(await link.read(own)));
      },
    );
    return true;
  } catch (error) {
    if (error === over) return false;
    throw error;
  }
}
