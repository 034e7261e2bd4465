import { systemClock } from '../../../src/foundation/system-clock.ts';

/** Seldom enough that looking leaves an emulated processor to those who are waited for. */
const lookEveryMs = 20;

/** Looks until something is so. */
export async function until(done: () => boolean, what: string, limitMs: number): Promise<void> {
  const limit = systemClock.monotonic() + limitMs;
  while (!done()) {
    if (systemClock.monotonic() > limit) throw new Error(`It does not happen within ${limitMs} ms that ${what}.`);
    await systemClock.sleep(lookEveryMs);
  }
}
