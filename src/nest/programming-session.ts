import type { FlashRegion } from '../bootloader/block-plan.ts';
import { digestFault, readDigest } from '../bootloader/flash-verifier.ts';
import { eraseFlash, writeRegion } from '../bootloader/flash-writer.ts';
import type { ModuleReset } from '../bootloader/reset-sequences.ts';
import type { ChipDefinition } from '../chips/chip-definition.ts';
import type { Clock } from '../foundation/clock.ts';
import { asStationError, StationError } from '../foundation/faults.ts';
import type { Logger } from '../foundation/logger.ts';
import type { Job, Region } from '../firmware/job.ts';
import type { OpenSerialLink } from '../serial/serial-link.ts';
import { checkBoot } from './boot-check.ts';
import { ModuleLink, openingBaud } from './module-link.ts';
import type { ModuleIdentity, RunPhase, RunReport } from './outcome.ts';
import { RunNotes } from './run-notes.ts';

export interface SessionParts {
  readonly openLink: OpenSerialLink;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SessionRequest {
  /** Path of the serial port. */
  readonly port: string;
  /** Wanted rate of the link while writing, baud. */
  readonly baud: number;
  readonly reset: ModuleReset;
  readonly job: Job;
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
 * Programs one module: reset, identify, RAM loader, erase, write, verify, start. Never rejects: whatever happens
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
  } catch (error) {
    fault = signal.aborted ? abortFault(signal) : asStationError(error);
  }
  const report = notes.report(fault);
  parts.log.info({ event: 'run-ended', ...report }, fault?.message ?? 'PASS');
  return report;
}

/** Reads who the module is and leaves it as it was found, or restarted. @throws StationError */
export async function identifyModule(
  parts: SessionParts,
  target: { readonly port: string; readonly reset: ModuleReset; readonly chip: ChipDefinition },
  signal: AbortSignal,
): Promise<ModuleIdentity> {
  const notes = new RunNotes(parts.clock, () => undefined);
  let identity: ModuleIdentity | undefined;
  try {
    await useModule(parts, { ...target, baud: 115_200 }, notes, signal, async (module) => {
      await module.connect(signal);
      identity = await module.identify(signal);
      return 'running';
    });
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : asStationError(error);
  }
  if (identity === undefined) throw new StationError('S99', 'The module was left before it was identified.');
  return identity;
}

/** Whether the work has already restarted the module. */
type ModuleState = 'running' | 'restarted';

interface Target {
  readonly port: string;
  readonly baud: number;
  readonly reset: ModuleReset;
  readonly chip: ChipDefinition;
}

/** Opens the port, does the work, and leaves the module in order whatever the work did. */
async function useModule(
  { openLink, clock, log }: SessionParts,
  { port, baud, reset, chip }: Target,
  notes: RunNotes,
  signal: AbortSignal,
  work: (module: ModuleLink) => Promise<ModuleState>,
): Promise<void> {
  await using link = await openLink(port, openingBaud(baud), signal);
  const module = new ModuleLink({ link, clock, log, chip, reset, baud, notes });
  let state: ModuleState = 'running';
  try {
    state = await work(module);
  } finally {
    if (state === 'running') await module.leave();
    notes.retries += module.loader.repeats;
    log.debug({ event: 'link-closed', heardBytes: module.loader.heardBytes, discarded: module.loader.discardedBytes });
  }
}

async function program(
  { clock }: SessionParts,
  module: ModuleLink,
  { job, reset }: SessionRequest,
  notes: RunNotes,
  hooks: SessionHooks,
  signal: AbortSignal,
): Promise<ModuleState> {
  await module.connect(signal);
  notes.enter('identify');
  const identity = await module.identify(signal);
  hooks.identified(identity);
  signal.throwIfAborted();
  const regions = regionsFor(job, identity.flashBytes);
  notes.enter('loader');
  await module.startLoader(signal);
  if (job.erase === 'all') {
    notes.enter('erase');
    notes.dirty = true;
    await eraseFlash(module.loader, identity.flashBytes, signal);
  }
  notes.enter('write');
  await writeAll(module, regions, notes, hooks, signal);
  notes.enter('verify');
  await verifyAll(module, regions, notes, signal);
  if (reset.kind === 'none' || job.boot === 'off') return 'running';
  notes.enter('boot');
  const { link } = module.loader;
  await checkBoot({ link, clock, reset, chip: job.chip, textBaud: module.textBaud }, job.boot, notes, signal);
  return 'restarted';
}

function regionsFor(job: Job, flashBytes: number): readonly Region[] {
  const { size } = job.flash;
  if (size !== 'detect' && flashBytes < size) {
    throw new StationError('F03', `The flash has ${flashBytes} bytes; the job expects ${size}.`);
  }
  try {
    return job.regionsFor(flashBytes);
  } catch (error) {
    // The job itself was checked when it was loaded, so what does not fit now is this module.
    if (error instanceof StationError && error.code === 'J05') {
      throw new StationError('F03', error.detail, { cause: error });
    }
    throw error;
  }
}

async function writeAll(
  module: ModuleLink,
  regions: readonly FlashRegion[],
  notes: RunNotes,
  hooks: SessionHooks,
  signal: AbortSignal,
): Promise<void> {
  const total = regions.reduce((sum, region) => sum + region.data.length, 0);
  notes.bytes = total;
  let sent = 0;
  let written = 0;
  let shown = 0;
  notes.bytesSent = sent;
  const watch = {
    acknowledged: (flashBytes: number, sentBytes: number): void => {
      sent += sentBytes;
      written += flashBytes;
      notes.bytesSent = sent;
      shown = Math.max(shown, Math.min(1, written / Math.max(1, total)));
      hooks.progress(shown);
    },
    resent: (): void => {
      notes.retries += 1;
    },
  };
  for (const region of regions) {
    notes.digestsExpected.push({ address: region.address, md5: region.md5 });
    notes.dirty = true;
    const before = written;
    try {
      await writeRegion(module.loader, region, watch, signal);
    } catch (error) {
      if (!isOfLine(error) || !(await module.canBeginAgain(signal))) throw error;
      notes.retries += 1;
      written = before;
      await writeRegion(module.loader, region, watch, signal);
    }
  }
}

/** A stream that the line has damaged cannot be taken up again, but begun again (protocol reference §3.2, §6.10). */
function isOfLine(error: unknown): boolean {
  return error instanceof StationError && ['W01', 'W02', 'W04'].includes(error.code);
}

async function verifyAll(
  module: ModuleLink,
  regions: readonly FlashRegion[],
  notes: RunNotes,
  signal: AbortSignal,
): Promise<void> {
  let first: StationError | null = null;
  for (const region of regions) {
    const md5 = await readDigest(module.loader, region, signal);
    notes.digestsActual.push({ address: region.address, md5 });
    first ??= digestFault(region, md5);
  }
  if (first !== null) throw first;
}

function abortFault(signal: AbortSignal): StationError {
  return signal.reason instanceof StationError ? signal.reason : new StationError('O01');
}
