import { expect, test } from 'vitest';
import { inflateSync } from 'node:zlib';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { deflateBlocks, rawBlocks, sentBytes } from '../../src/bootloader/deflate-blocks.ts';
import { mixedBytes, noisyBytes } from '../support/regions.ts';

test('the blocks of a stream are one zlib stream of the data', async () => {
  const data = mixedBytes(200_000);
  const blocks = await deflateBlocks(data);
  const stream = concatBytes(blocks.map(({ bytes }) => bytes));
  expect([...stream.subarray(0, 2)]).toEqual([0x78, 0xda]);
  expect(hex(new Uint8Array(inflateSync(stream)))).toBe(hex(data));
  expect(sentBytes(blocks)).toBe(stream.length);
  expect(blocks.slice(0, -3).every(({ bytes }) => bytes.length === 0x4000)).toBe(true);
  expect(blocks.reduce((sum, { flashBytes }) => sum + flashBytes, 0)).toBe(data.length);
});

test('a block never fills more than a megabyte, so that a slow flash stays inside its time limit', async () => {
  const data = new Uint8Array(16 * 1_048_576);
  data.set(mixedBytes(100_000), 5_000_000);
  const blocks = await deflateBlocks(data);
  expect(blocks.every(({ flashBytes }) => flashBytes <= 1_048_576)).toBe(true);
  expect(blocks.every(({ bytes }) => bytes.length > 0 && bytes.length <= 0x4000)).toBe(true);
  expect(blocks.length).toBeLessThan(30);
  expect(blocks.reduce((sum, { flashBytes }) => sum + flashBytes, 0)).toBe(data.length);
  expect(hex(new Uint8Array(inflateSync(concatBytes(blocks.map(({ bytes }) => bytes)))))).toBe(hex(data));
});

test('raw blocks are the data as they are', () => {
  const data = noisyBytes(40_000);
  const blocks = rawBlocks(data);
  expect(blocks.map(({ flashBytes }) => flashBytes)).toEqual([0x4000, 0x4000, 40_000 - 2 * 0x4000]);
  expect(rawBlocks(noisyBytes(0x4000)).map(({ flashBytes }) => flashBytes)).toEqual([0x2800, 0x1000, 0x800]);
  expect(hex(concatBytes(blocks.map(({ bytes }) => bytes)))).toBe(hex(data));
});
