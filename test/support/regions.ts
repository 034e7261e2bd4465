import { createHash } from 'node:crypto';
import type { FlashRegion } from '../../src/bootloader/write-plan.ts';

/** Bytes that hardly compress, the same for the same seed. */
export function noisyBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Bytes that compress to about half. */
export function mixedBytes(length: number, seed = 1): Uint8Array {
  return noisyBytes(length, seed).map((byte, at) => (at % 64 < 32 ? byte : 0x5a));
}

export function region(address: number, data: Uint8Array): FlashRegion {
  return {
    address,
    data,
    md5: createHash('md5').update(data).digest('hex'),
  };
}
