import { deflateSync } from 'node:zlib';
import { expect } from 'vitest';
import type { ChipOptions } from '../../src/simulator/chip/chip.ts';
import { le32, loaderV2, RawHost, statusOf, SYNC } from './raw-host.ts';

export const OHAI = 'c0 4f 48 41 49 c0';
export const READ_MAGIC = 'c0 00 0a 04 00 00 00 00 00 00 10 00 40 c0';
export const MAGIC = 'c0 01 0a 02 00 01 c1 f0 ff 00 00 c0';
/** The size of the blocks that this loader is given. */
export const BLOCK = 0x4000;

/** A chip that runs the second generation; `before` acts while it is still in the loader of the ROM. */
export function startedV2(options: Partial<ChipOptions> = {}, before?: (host: RawHost) => void): RawHost {
  const host = new RawHost(options);
  if (options.speed === 'real') host.patienceMs = 20;
  host.enterLoader();
  host.ask(SYNC);
  before?.(host);
  expect(host.upload(loaderV2())).toBe(OHAI);
  expect(host.chip.state).toBe('ram-loader');
  return host;
}

/** Data that deflate to about the same size. */
export function noise(bytes: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length: bytes }, () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16);
}

/** FLASH_DEFL_BEGIN; returns the status bytes. */
export function beginDeflated(host: RawHost, bytes: number, blocks: number, offset = 0): string {
  return statusOf(host.request(0x10, le32(bytes, blocks, BLOCK, offset, 0)));
}

/** A whole region, from FLASH_DEFL_BEGIN to FLASH_DEFL_END. */
export function writeDeflated(host: RawHost, data: Uint8Array, offset: number): void {
  const stream = deflateSync(data, { level: 9 });
  expect(beginDeflated(host, data.length, Math.ceil(stream.length / BLOCK), offset)).toBe('00 00');
  for (let at = 0; at < stream.length; at += BLOCK) {
    expect(statusOf(host.data(0x11, at / BLOCK, stream.subarray(at, at + BLOCK)))).toBe('00 00');
  }
  expect(statusOf(host.request(0x12, le32(1)))).toBe('00 00');
}
