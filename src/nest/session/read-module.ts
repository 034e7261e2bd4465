import { createHash } from 'node:crypto';
import { readFlash } from '../../bootloader/flash-reader.ts';
import type { FlashRange } from '../../bootloader/flash-reader.ts';
import { rangeIn } from './flash-range.ts';
import type { WantedRange } from './flash-range.ts';
import type { ModuleIdentity } from '../run/outcome.ts';
import { useLoader } from './use-loader.ts';
import type { WorkHooks } from './use-loader.ts';
import type { ModuleTarget, SessionParts } from './use-module.ts';

/** What was read, for the record. */
export interface FlashCopy extends FlashRange {
  readonly identity: ModuleIdentity;
  /** Lower-case hexadecimal, of all bytes read. */
  readonly md5: string;
  readonly sha256: string;
}

export interface ReadRequest extends ModuleTarget {
  readonly range: WantedRange;
  /** Takes the bytes in their order. */
  readonly take: (bytes: Uint8Array) => Promise<void>;
}

/**
 * Reads a range of the flash of a module. Each piece that `take` gets was checked against the digest of the module.
 * @throws StationError F03 when the range is not inside the flash, C04, C06, W03; what `take` throws; else as useLoader
 */
export function readModule(
  parts: SessionParts,
  { range: wanted, take, ...target }: ReadRequest,
  hooks: WorkHooks,
  signal: AbortSignal,
): Promise<FlashCopy> {
  return useLoader(parts, target, hooks, signal, async ({ loader, identity }) => {
    const range = rangeIn(wanted, identity.flashBytes);
    hooks.phase('read');
    const digests = { md5: createHash('md5'), sha256: createHash('sha256') };
    let before = 0;
    const received = (bytes: number): void => {
      hooks.progress(Math.min(1, (before + bytes) / range.bytes));
    };
    for await (const bytes of readFlash(loader, target.chip, range, signal, received)) {
      before += bytes.length;
      digests.md5.update(bytes);
      digests.sha256.update(bytes);
      await take(bytes);
    }
    return { ...range, identity, md5: digests.md5.digest('hex'), sha256: digests.sha256.digest('hex') };
  });
}
