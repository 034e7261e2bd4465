import { isResettable } from '../../bootloader/reset-sequences.ts';
import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import type { ChipDefinition } from '../../chips/chip-definition.ts';
import type { Clock } from '../../foundation/clock.ts';
import { StationError } from '../../foundation/faults.ts';
import type { Logger } from '../../foundation/logger.ts';
import type { OpenSerialLink } from '../../serial/serial-link.ts';
import { LinkMemory, safeBaud } from '../module/link-memory.ts';
import { ModuleLink } from '../module/module-link.ts';
import { alwaysFed } from '../supply/module-supply.ts';
import type { ModuleSupply } from '../supply/module-supply.ts';
import { RecordingLink, recordingReset } from '../evidence/recording-link.ts';
import type { RunNotes } from '../run/run-notes.ts';

export interface SessionParts {
  readonly openLink: OpenSerialLink;
  readonly clock: Clock;
  readonly log: Logger;
}

// A good link damages none of the 50 to 100 blocks of a run.
const damagedAtMost = 3;

/** Whether the work has already restarted the module. */
export type ModuleState = 'running' | 'restarted';

export interface ModuleTarget {
  readonly port: string;
  readonly baud: number;
  readonly reset: ModuleReset;
  readonly chip: ChipDefinition;
  /** What the nest remembers of its link; left out where there is no nest. */
  readonly memory?: LinkMemory;
  /** Left out: the module is always fed. */
  readonly supply?: ModuleSupply;
}

/**
 * Feeds the module, opens the port, does the work, and leaves the module in order whatever the work did: restarted, or
 * without supply where that is switched.
 */
export async function useModule(
  parts: SessionParts,
  target: ModuleTarget,
  notes: RunNotes,
  signal: AbortSignal,
  work: (module: ModuleLink) => Promise<ModuleState>,
): Promise<void> {
  const { supply = alwaysFed } = target;
  try {
    await supply.on(signal);
    await useFedModule(parts, { ...target, supply }, notes, signal, work);
  } finally {
    supply.off();
  }
}

async function useFedModule(
  { openLink, clock, log }: SessionParts,
  { port, baud, reset, chip, supply, memory = new LinkMemory() }: ModuleTarget & { readonly supply: ModuleSupply },
  notes: RunNotes,
  signal: AbortSignal,
  work: (module: ModuleLink) => Promise<ModuleState>,
): Promise<void> {
  const aim = memory.baud(baud);
  const firstBaud = isResettable(reset) ? Math.min(safeBaud, aim) : memory.syncBaud(aim);
  await using opened = await openLink(port, firstBaud, signal);
  const link = new RecordingLink(opened, notes.trace);
  const recorded = recordingReset(reset, notes.trace);
  const module = new ModuleLink({ link, clock, log, chip, reset: recorded, baud, memory, notes });
  let state: ModuleState = 'running';
  try {
    state = await work(module);
  } finally {
    // Before the port is closed: a driver may take its time over that.
    if (!supply.needsLeaving) supply.off();
    else if (state === 'running') await module.leave();
    notes.retries += module.loader.repeats;
    notes.discardedBytes = module.loader.discardedBytes;
    const troubled = notes.linkGaveUp || notes.damagedBlocks >= damagedAtMost;
    // A module that is bad itself says nothing about the link, nor does one that needed nothing.
    const sentData = (notes.bytesSent ?? 0) > 0;
    if (notes.digestsAreRight && sentData) memory.learn({ wantedBaud: baud, baud: notes.baud, troubled });
    log.debug({ event: 'link-closed', heardBytes: module.loader.heardBytes, discarded: module.loader.discardedBytes });
  }
}

/** What an abort means for the work: the StationError that is its reason, else O01. */
export function abortFault(signal: AbortSignal): StationError {
  return signal.reason instanceof StationError ? signal.reason : new StationError('O01');
}
