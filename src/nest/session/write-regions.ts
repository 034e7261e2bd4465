import { writeRegion } from '../../bootloader/flash-writer.ts';
import type { WriteWatch } from '../../bootloader/flash-writer.ts';
import type { WriteConditions } from '../../bootloader/write-estimate.ts';
import { planRegion } from '../../bootloader/write-plan.ts';
import type { Region } from '../../firmware/job.ts';
import { isOfLine, isSilence } from '../module/line-faults.ts';
import type { ModuleLink } from '../module/module-link.ts';
import type { RunNotes } from '../run/run-notes.ts';

/** Told how far the writing has come. */
export interface ProgressHook {
  /** Share of the bytes written, 0 … 1. */
  progress(share: number): void;
}

/** What is to be written, and whether the whole flash was erased before. */
export interface Writing {
  readonly regions: readonly Region[];
  readonly erased: boolean;
}

/** Begins to make the streams, so that the first block of each region can leave at once. */
export function planWrites(regions: readonly Region[], conditions: WriteConditions): void {
  // What goes wrong here goes wrong again where the plan is awaited.
  for (const region of regions) planRegion(region, conditions).catch(() => undefined);
}

/**
 * Writes the regions one after the other. A stream that the line has damaged cannot be taken up again, but the region
 * can be begun again (protocol reference §3.2, §6.10): once over the same link, then after a reset at the next lower rate.
 *
 * @returns whether a part was only erased: requests to erase have no checksum, and nothing else shows where they went
 * @throws StationError C06, F05, W01 … W04
 */
export async function writeRegions(
  module: ModuleLink,
  { regions, erased }: Writing,
  notes: RunNotes,
  hooks: ProgressHook,
  signal: AbortSignal,
): Promise<boolean> {
  const progress = new WriteProgress(regions, notes, hooks);
  let erasedOnly = false;
  for (const region of regions) {
    notes.expect(region);
    notes.dirty = true;
    const write = async (): Promise<void> => {
      progress.begin(region);
      const steps = await planRegion(region, { baud: module.loader.link.baud, erased });
      erasedOnly ||= steps.some(({ kind }) => kind === 'erase');
      await writeRegion(module.loader, steps, progress, signal);
    };
    let mayBeginAgain = true;
    for (;;) {
      try {
        await write();
        break;
      } catch (error) {
        if (!isOfLine(error)) throw error;
        if (mayBeginAgain && (await module.canBeginAgain(signal))) notes.retries += 1;
        else if (!(await module.startAfresh(error, signal))) throw error;
        mayBeginAgain = false;
        if (!isSilence(error)) notes.damagedBlocks += 1;
      }
    }
  }
  return erasedOnly;
}

/** Adds up what was sent; the share shown never goes back while the same regions are written. */
class WriteProgress implements WriteWatch {
  readonly #notes: RunNotes;
  readonly #hooks: ProgressHook;
  readonly #regions: readonly Region[];
  readonly #totalBytes: number;
  #written = 0;
  #shown = 0;

  constructor(regions: readonly Region[], notes: RunNotes, hooks: ProgressHook) {
    this.#regions = regions;
    this.#notes = notes;
    this.#hooks = hooks;
    this.#totalBytes = bytesOf(regions);
    notes.bytesSkipped ??= 0;
    notes.bytes ??= this.#totalBytes + notes.bytesSkipped;
    notes.bytesSent ??= 0;
    if (regions.length === 0) hooks.progress(1);
  }

  /** The region is written from its first byte. */
  begin(region: Region): void {
    this.#written = bytesOf(this.#regions.slice(0, this.#regions.indexOf(region)));
  }

  acknowledged(flashBytes: number, sentBytes: number): void {
    this.#written += flashBytes;
    this.#notes.bytesSent = (this.#notes.bytesSent ?? 0) + sentBytes;
    this.#shown = Math.max(this.#shown, Math.min(1, this.#written / this.#totalBytes));
    this.#hooks.progress(this.#shown);
  }

  resent(): void {
    this.#notes.retries += 1;
    this.#notes.damagedBlocks += 1;
  }
}

function bytesOf(regions: readonly Region[]): number {
  return regions.reduce((sum, { data }) => sum + data.length, 0);
}
