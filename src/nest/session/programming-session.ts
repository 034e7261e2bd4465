import { eraseFlash } from '../../bootloader/flash-writer.ts';
import type { ModuleReset } from '../../bootloader/reset-sequences.ts';
import { asStationError } from '../../foundation/faults.ts';
import type { StationError } from '../../foundation/faults.ts';
import type { Job } from '../../firmware/job.ts';
import { regionsOnModule } from '../job/job-regions.ts';
import type { LinkMemory } from '../module/link-memory.ts';
import { overMendedLink } from '../module/mended-link.ts';
import type { ModuleLink } from '../module/module-link.ts';
import type { ModuleSupply } from '../supply/module-supply.ts';
import type { ModuleIdentity, RunPhase, RunReport } from '../run/outcome.ts';
import { RunNotes } from '../run/run-notes.ts';
import { abortFault, useModule } from './use-module.ts';
import type { ModuleState, SessionParts } from './use-module.ts';
import { skipSame } from './skip-same.ts';
import { startApplication } from '../boot/start-application.ts';
import { planWrites } from './write-regions.ts';
import { writeUntilRight } from './write-until-right.ts';

export interface SessionRequest {
  /** Path of the serial port. */
  readonly port: string;
  /** Wanted rate of the link while writing, baud. */
  readonly baud: number;
  readonly reset: ModuleReset;
  readonly job: Job;
  /** What the nest remembers of its link; left out where there is no nest. */
  readonly memory?: LinkMemory;
  /** Left out: the module is always fed. */
  readonly supply?: ModuleSupply;
}

export interface SessionHooks {
  /** A phase begins. */
  phase(phase: RunPhase): void;
  /** Share of the bytes written, 0 … 1. */
  progress(share: number): void;
  /** Must have committed before it returns; a throw ends the session before anything is erased. */
  identified(identity: ModuleIdentity): void;
}

/**
 * Programs one module: supply, reset, identify, RAM loader, erase, write, verify, start. Never rejects: whatever happens
 * becomes a report. An abort gives O01, or the StationError that is the abort's reason.
 */
export async function programModule(
  parts: SessionParts,
  request: SessionRequest,
  hooks: SessionHooks,
  signal: AbortSignal,
): Promise<RunReport> {
  const notes = new RunNotes(parts.clock, (phase) => {
    hooks.phase(phase);
  });
  let fault: StationError | null = null;
  try {
    signal.throwIfAborted();
    notes.enter('connect');
    await useModule(parts, { ...request, chip: request.job.chip }, notes, signal, (module) =>
      program(parts, module, request, notes, hooks, signal),
    );
    // A port may take its time to close: who leaves or is stopped meanwhile gets no green.
    signal.throwIfAborted();
  } catch (error) {
    fault = signal.aborted ? abortFault(signal) : asStationError(error);
    if (fault.code === 'S99') parts.log.error({ event: 'session-crashed', err: error }, fault.message);
  }
  const report = notes.report(fault);
  parts.log.info({ event: 'run-ended', ...report, evidence: undefined }, fault?.message ?? 'PASS');
  return report;
}

async function program(
  parts: SessionParts,
  module: ModuleLink,
  { job }: SessionRequest,
  notes: RunNotes,
  hooks: SessionHooks,
  signal: AbortSignal,
): Promise<ModuleState> {
  await module.connect(signal);
  notes.enter('identify');
  const identity = await module.identify(signal);
  hooks.identified(identity);
  signal.throwIfAborted();
  const regions = regionsOnModule(job, identity.flashBytes);
  const eraseAll = async (): Promise<void> => {
    notes.enter('erase');
    notes.dirty = true;
    await eraseFlash(module.loader, identity.flashBytes, signal);
  };
  const erased = job.erase === 'all';
  notes.enter('loader');
  // The streams are made while the RAM loader is uploaded; the writing waits for them.
  planWrites(regions, { baud: module.aimedBaud, erased });
  await module.startLoader(signal);
  const wanted = job.skip === 'same' ? await skipSame(module, regions, notes, signal) : regions;
  if (wanted.length > 0) await overMendedLink(module, signal, () => module.unlock(signal));
  await writeUntilRight(module, { all: regions, wanted, eraseAll: erased ? eraseAll : null }, notes, hooks, signal);
  notes.digestsAreRight = true;
  const { reset } = module;
  const { boot } = job;
  if (reset.kind === 'none' || boot === 'off') return 'running';
  const writeAgain = async (): Promise<void> => {
    notes.digestsAreRight = false;
    await meetAgain(module, notes, signal);
    notes.unskip(regions.filter((region) => !wanted.includes(region)));
    await writeUntilRight(module, { all: regions, wanted: regions, eraseAll }, notes, hooks, signal);
    notes.digestsAreRight = true;
  };
  const work = { job, boot, regions, flashBytes: identity.flashBytes, writeAgain };
  await startApplication(parts, { module, reset }, work, notes, signal);
  return 'restarted';
}

/** From the running application back to the RAM loader. @throws StationError D08 when it is another module now */
async function meetAgain(module: ModuleLink, notes: RunNotes, signal: AbortSignal): Promise<void> {
  notes.enter('connect');
  await module.connect(signal);
  notes.enter('identify');
  await module.identify(signal);
  notes.enter('loader');
  await module.startLoader(signal);
  await overMendedLink(module, signal, () => module.unlock(signal));
}
