import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { Region } from './job.ts';

/** A region whose digest and compressed form are computed when they are first asked for, and then kept. */
export function makeRegion(label: string, address: number, data: Uint8Array): Region {
  let md5: string | undefined;
  let compressed: Uint8Array | undefined;
  return {
    label,
    address,
    data,
    get md5() {
      return (md5 ??= createHash('md5').update(data).digest('hex'));
    },
    get compressed() {
      return (compressed ??= deflateSync(data, { level: 9 }));
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
