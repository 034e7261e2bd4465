import { createHash } from 'node:crypto';
import { hex, hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';
import { commands } from './commands.ts';
import type { Loader } from './loader.ts';
import type { FlashRegion } from './write-plan.ts';

/**
 * The MD5 that the module computes over a region of its flash. A wrong one is asked for again, since a byte lost in the
 * answer looks the same; it counts as right only when it then comes right twice.
 *
 * @returns lower-case hexadecimal
 * @throws StationError V02 when it does not come in time, W03 or W04 for the late error of a write
 */
export async function readDigest(loader: Loader, region: FlashRegion, signal: AbortSignal): Promise<string> {
  let digest = await askDigest(loader, region, signal);
  if (hex(digest) !== region.md5) {
    for (let asked = 0; asked < 2; asked += 1) {
      loader.countRepeat();
      digest = await askDigest(loader, region, signal);
      if (hex(digest) !== region.md5) break;
    }
  }
  if (digest.length !== 16) throw new StationError('V02', `The module sent a digest of ${digest.length} bytes.`);
  return hex(digest);
}

/** Whether the flash holds the region already. @throws StationError V02, W03 */
export async function isAlreadyThere(loader: Loader, region: FlashRegion, signal: AbortSignal): Promise<boolean> {
  return hex(await askDigest(loader, region, signal)) === region.md5;
}

async function askDigest(loader: Loader, region: FlashRegion, signal: AbortSignal): Promise<Uint8Array> {
  const range = { address: region.address, bytes: region.data.length, unused1: 0, unused2: 0 };
  const { data } = await loader.send(commands.spiFlashMd5, range, signal);
  return data;
}

/** What a digest that was read means: null when it is right, else V04 for a region that is all FF, else V01. */
export function digestFault(region: FlashRegion, actual: string): StationError | null {
  if (actual === region.md5) return null;
  const where = hexNumber(region.address);
  if (actual === blankDigest(region.data.length)) {
    return new StationError('V04', `The region at ${where} is still empty after the write.`);
  }
  return new StationError('V01', `The region at ${where} has the digest ${actual}, not ${region.md5}.`);
}

function blankDigest(bytes: number): string {
  return createHash('md5').update(Buffer.alloc(bytes, 0xff)).digest('hex');
}
