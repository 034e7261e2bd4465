import { eraseRange } from '../../bootloader/flash-eraser.ts';
import type { FlashRange } from '../../bootloader/flash-reader.ts';
import { eraseFlash } from '../../bootloader/flash-writer.ts';
import { digestOf, firstDifference } from './flash-difference.ts';
import type { ByteDifference } from './flash-difference.ts';
import { rangeIn } from './flash-range.ts';
import type { WantedRange } from './flash-range.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import { useLoader } from './use-loader.ts';
import type { LoadedModule, WorkHooks } from './use-loader.ts';
import type { ModuleTarget, SessionParts } from './use-module.ts';

/** A range that was erased, and whether its digest is that of FF. */
export interface ErasedRange extends FlashRange {
  readonly blank: boolean;
  /** The first byte that is not FF; null when there is none, and when the flash read right at the second look. */
  readonly firstDifference: ByteDifference | null;
}

/** Which module was erased, and how it went. */
export interface Erasure {
  readonly identity: ModuleIdentity;
  /** In the order of the request. */
  readonly ranges: readonly ErasedRange[];
}

export interface EraseRequest extends ModuleTarget {
  /** all: the whole chip with one command. Else ranges that `eraseProblem` finds nothing wrong with. */
  readonly ranges: readonly WantedRange[] | 'all';
}

export interface EraseHooks extends WorkHooks {
  /** The erase is about to begin; what it throws leaves the flash as it is. */
  erasing?(module: ModuleIdentity): void;
}

/** Proved with one digest: bounds the memory that the comparison takes, and shows how far it is. */
const proofBytes = 0x100000;

/**
 * Erases ranges of the flash of a module, or all of it, and proves by digest that nothing but FF is left.
 * @throws StationError F03 before anything is erased when a range is not inside the flash, F04, F05, W03; else as
 * useLoader
 */
export function eraseModule(
  parts: SessionParts,
  { ranges, ...target }: EraseRequest,
  hooks: EraseHooks,
  signal: AbortSignal,
): Promise<Erasure> {
  return useLoader(parts, target, hooks, signal, async (module) => {
    const { loader, identity } = module;
    const whole = { address: 0, bytes: identity.flashBytes };
    const wanted = ranges === 'all' ? [whole] : ranges.map((range) => rangeIn(range, identity.flashBytes));
    hooks.erasing?.(identity);
    hooks.phase('erase');
    await module.unlock();
    if (ranges === 'all') await eraseFlash(loader, identity.flashBytes, signal);
    else await inTurn(wanted, hooks, (range, done) => eraseRange(loader, range, signal, done));
    hooks.phase('verify');
    const proofs = await inTurn(wanted, hooks, (range, done) => proveBlank(module, target, range, signal, done));
    return { identity, ranges: proofs };
  });
}

/** Does the work for each range and tells the share of all bytes that is done. */
async function inTurn<T>(
  ranges: readonly FlashRange[],
  hooks: WorkHooks,
  work: (range: FlashRange, done: (bytes: number) => void) => Promise<T>,
): Promise<readonly T[]> {
  const total = ranges.reduce((sum, { bytes }) => sum + bytes, 0);
  const results: T[] = [];
  let before = 0;
  for (const range of ranges) {
    const start = before;
    results.push(
      await work(range, (bytes) => {
        hooks.progress((start + bytes) / total);
      }),
    );
    before += range.bytes;
  }
  return results;
}

async function proveBlank(
  { loader }: LoadedModule,
  { chip }: Pick<ModuleTarget, 'chip'>,
  range: FlashRange,
  signal: AbortSignal,
  done: (bytes: number) => void,
): Promise<ErasedRange> {
  const blank = new Uint8Array(Math.min(proofBytes, range.bytes)).fill(0xff);
  for (let at = 0; at < range.bytes; at += blank.length) {
    const data = blank.subarray(0, range.bytes - at);
    const address = range.address + at;
    const { expected, actual } = await digestOf(loader, address, data, signal);
    if (actual !== expected) {
      return { ...range, blank: false, firstDifference: await firstDifference(loader, chip, address, data, signal) };
    }
    done(at + data.length);
  }
  return { ...range, blank: true, firstDifference: null };
}
