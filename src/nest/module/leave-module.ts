import { askForBaud, rateSettleMs } from '../../bootloader/baud-change.ts';
import type { Loader } from '../../bootloader/loader.ts';
import { isResettable, restartIntoApplication } from '../../bootloader/reset-sequences.ts';
import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import type { ChipDefinition } from '../../chips/chip-definition.ts';
import { within } from '../../foundation/deadline.ts';
import { asStationError, StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import { safeBaud } from './link-memory.ts';

const leaveLimitMs = 3_000;

export interface ModuleToLeave {
  readonly loader: Loader;
  readonly chip: ChipDefinition;
  readonly reset: ModuleReset;
}

/**
 * Leaves the module as the next session expects it: started into its application by a hardware reset, or, where it
 * cannot be reset, with the RAM loader back at the rate of the first contact. Bounded in time, and never throws.
 */
export async function leaveModule({ loader, chip, reset }: ModuleToLeave, log: Logger): Promise<void> {
  const { link, clock } = loader;
  const limit = (): Error => new StationError('C06', 'The module could not be left in order.');
  try {
    await within(clock, leaveLimitMs, limit, new AbortController().signal, async (own) => {
      if (isResettable(reset)) return restartIntoApplication(reset, link, clock, own);
      if (!loader.ramLoaderRuns || link.baud === safeBaud) return;
      await loader.leaveFrame(own);
      await askForBaud(loader, chip, safeBaud, own);
      await clock.sleep(rateSettleMs, own);
    });
  } catch (error) {
    log.warn({ event: 'leave-failed', detail: asStationError(error).message });
  }
}
