import { createHash } from 'node:crypto';
import type { Region } from './job.ts';

/** A region whose digest is computed when it is first asked for, and then kept. */
export function makeRegion(label: string, address: number, data: Uint8Array): Region {
  let md5: string | undefined;
  return {
    label,
    address,
    data,
    get md5() {
      return (md5 ??= createHash('md5').update(data).digest('hex'));
    },
  };
}

/** The bytes with 0xFF behind them up to a multiple of 4; the same array when there is nothing to add. */
export function padToWord(bytes: Uint8Array): Uint8Array {
  const remainder = bytes.length % 4;
  if (remainder === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 4 - remainder).fill(0xff);
  padded.set(bytes);
  return padded;
}
