import { asStationError, StationError } from '../../foundation/faults.ts';
import type { ModuleDetails } from '../module/module-details.ts';
import { RunNotes } from '../run/run-notes.ts';
import { abortFault, useModule } from './use-module.ts';
import type { ModuleTarget, SessionParts } from './use-module.ts';

/** Reads who the module is and leaves it as it was found, or restarted. @throws StationError */
export async function identifyModule(
  parts: SessionParts,
  target: Pick<ModuleTarget, 'port' | 'reset' | 'chip' | 'supply'>,
  signal: AbortSignal,
): Promise<ModuleDetails> {
  const notes = new RunNotes(parts.clock, () => undefined);
  let details: ModuleDetails | undefined;
  try {
    await useModule(parts, { ...target, baud: 115_200 }, notes, signal, async (module) => {
      await module.connect(signal);
      await module.identify(signal);
      details = module.details ?? undefined;
      return 'running';
    });
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : asStationError(error);
  }
  if (details === undefined) throw new StationError('S99', 'The module was left before it was identified.');
  return details;
}
