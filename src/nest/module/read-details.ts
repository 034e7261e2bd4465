import { probeFlash } from '../../bootloader/flash-probe.ts';
import type { FlashReading } from '../../bootloader/flash-probe.ts';
import { identifyChip } from '../../bootloader/identify.ts';
import type { Loader } from '../../bootloader/loader.ts';
import type { ChipDefinition } from '../../chips/chip-definition.ts';
import { StationError } from '../../foundation/faults.ts';
import { detailsOf, identityOf } from './module-details.ts';
import type { ModuleDetails } from './module-details.ts';
import type { RunNotes } from '../run/run-notes.ts';

/** What a module is, and what the work on it needs of that. */
export interface ModuleReading {
  readonly details: ModuleDetails;
  readonly flash: FlashReading;
  /** Null when the divider of the UART fits no crystal that is known. */
  readonly crystalMhz: number | null;
}

/**
 * Reads who the module is and what its flash is; what is learnt before a fault stays in the notes.
 *
 * @throws StationError C04, C06, D01, D03, F01, F05; D08 when the notes know another module
 */
export async function readDetails(
  loader: Loader,
  chip: ChipDefinition,
  notes: RunNotes,
  signal: AbortSignal,
): Promise<ModuleReading> {
  const reading = await identifyChip(loader, chip, signal);
  const { mac } = notes.identity;
  if (mac !== undefined && mac !== reading.mac) {
    throw new StationError('D08', `After a reset the module ${reading.mac} answered in place of ${mac}.`);
  }
  Object.assign(notes.identity, { mac: reading.mac, chip: reading.variant });
  const flash = await probeFlash(loader, chip, signal);
  const details = detailsOf(reading, flash);
  Object.assign(notes.identity, identityOf(details));
  return { details, flash, crystalMhz: reading.crystalMhz };
}
