import { describe, expect, test } from 'vitest';
import { inflateSync } from 'node:zlib';
import { concatBytes, hex } from '../../src/foundation/bytes.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { deflateBlocks } from '../../src/bootloader/deflate-blocks.ts';
import { blockLimitMs, eraseFlash, writeRegion } from '../../src/bootloader/flash-writer.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { plannedBytes, planRegion } from '../../src/bootloader/write-plan.ts';
import type { FlashRegion } from '../../src/bootloader/write-plan.ts';
import { mixedBytes, noisyBytes, region } from '../support/regions.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import type { SeenRequest } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const deflBegin = 0x10;
const deflData = 0x11;
const deflEnd = 0x12;
const conditions = { baud: 921_600, erased: false };

function write(what: FlashRegion, override: (request: SeenRequest, link: ScriptedLink) => boolean = () => false) {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, (request) => {
    if (!override(request, link)) link.reply(request.opcode);
  });
  const seen = { flashBytes: 0, sentBytes: 0, resent: 0 };
  const watch = {
    acknowledged: (flashBytes: number, sentBytes: number) => {
      seen.flashBytes += flashBytes;
      seen.sentBytes += sentBytes;
    },
    resent: () => {
      seen.resent += 1;
    },
  };
  const loader = new Loader(link, clock, silentLogger());
  const writing = async (): Promise<void> => {
    const steps = await planRegion(what, conditions);
    await inVirtualTime(clock, writeRegion(loader, steps, watch, new AbortController().signal));
  };
  const work = writing();
  return { clock, link, seen, work };
}

const dataOf = (link: ScriptedLink, opcode: number): Uint8Array =>
  concatBytes(link.requests.filter((request) => request.opcode === opcode).map(({ payload }) => payload.slice(16)));

test('a compressible region goes out as one stream in blocks of 16 KB', async () => {
  const what = region(0x10000, mixedBytes(70_000));
  const { work, link, seen } = write(what);
  await work;
  const sentBytes = plannedBytes(await planRegion(what, conditions));
  const blocks = Math.ceil(sentBytes / 0x4000);
  expect(blocks).toBeGreaterThan(1);
  expect(link.requests.map(({ opcode }) => opcode)).toEqual([
    deflBegin,
    ...Array<number>(blocks).fill(deflData),
    deflEnd,
  ]);
  const [begin] = link.requests;
  expect([0, 1, 2, 3, 4].map((index) => begin?.word(index))).toEqual([70_000, blocks, 0x4000, 0x10000, 0]);
  const sequences = link.requests.filter(({ opcode }) => opcode === deflData).map(({ word }) => word(1));
  expect(sequences).toEqual([...Array(blocks).keys()]);
  expect(hex(new Uint8Array(inflateSync(dataOf(link, deflData))))).toBe(hex(what.data));
  expect(seen).toEqual({ flashBytes: 70_000, sentBytes, resent: 0 });
  expect(link.requests.at(-1)?.word(0)).toBe(1);
});

test('a region that does not shrink goes out as it is', async () => {
  const what = region(0, noisyBytes(40_000));
  const { work, link, seen } = write(what);
  await work;
  expect(link.requests.map(({ opcode }) => opcode)).toEqual([0x02, 0x03, 0x03, 0x03, 0x04]);
  expect(link.requests[0]?.payload).toHaveLength(16);
  expect(hex(dataOf(link, 0x03))).toBe(hex(what.data));
  expect(seen.flashBytes).toBe(40_000);
});

test('the next block is sent only after the acknowledgement', async () => {
  let busy = false;
  const { work } = write(region(0, mixedBytes(90_000)), ({ opcode }, link) => {
    expect(busy).toBe(false);
    busy = true;
    link.clock.after(400, () => {
      busy = false;
      link.reply(opcode, {}, 0);
    });
    return true;
  });
  await work;
});

const nthBlock = (wanted: number, times: number, status: number) => {
  let seen = 0;
  return ({ opcode, word }: SeenRequest, link: ScriptedLink): boolean => {
    if (opcode !== deflData || word(1) !== wanted || seen >= times) return false;
    seen += 1;
    link.reply(deflData, { status });
    return true;
  };
};

describe('a refused block', () => {
  test.for([0xc0, 0xc1])('is sent again after status %i', async (status) => {
    const { work, seen, link } = write(region(0, mixedBytes(70_000)), nthBlock(1, 2, status));
    await work;
    expect(seen.resent).toBe(2);
    const sequences = link.requests.filter(({ opcode }) => opcode === deflData).map(({ word }) => word(1));
    expect(sequences.slice(0, 4)).toEqual([0, 1, 1, 1]);
  });

  test('is sent again from between two frames', async () => {
    const { work, link } = write(region(0, mixedBytes(70_000)), nthBlock(1, 1, 0xc0));
    await work;
    const wires = link.written.map((bytes) => hex(bytes.subarray(0, 3)));
    expect(wires.slice(1, 6)).toEqual(['c00011', 'c00011', 'db00', 'c00011', 'c00011']);
  });

  test.for([
    { name: 'three times', status: 0xc1, code: 'W01', sent: 3 },
    { name: 'by the flash', status: 0xc4, code: 'W03', sent: 1 },
    { name: 'because the stream is damaged', status: 0xc7, code: 'W04', sent: 1 },
    { name: 'because nothing was begun', status: 0xc6, code: 'W01', sent: 1 },
  ])('$name is $code', async ({ status, code, sent }) => {
    const { work, link } = write(region(0, mixedBytes(70_000)), nthBlock(1, 9, status));
    await expect(work).rejects.toMatchObject({ code });
    expect(link.requests.filter(({ opcode, word }) => opcode === deflData && word(1) === 1)).toHaveLength(sent);
  });
});

test('an unanswered block is W02 and not sent again', async () => {
  const { work, link, clock } = write(region(0x1000, mixedBytes(70_000)), ({ opcode, word }) => {
    return opcode === deflData && word(1) === 1;
  });
  await expect(work).rejects.toMatchObject({ code: 'W02', detail: expect.stringContaining('block 1') as string });
  expect(link.requests.filter(({ opcode, word }) => opcode === deflData && word(1) === 1)).toHaveLength(1);
  expect(clock.monotonic()).toBeLessThan(15_000);
});

test('the late error of the last block comes with the end', async () => {
  const { work } = write(region(0, mixedBytes(20_000)), ({ opcode }, link) => {
    if (opcode === deflEnd) link.reply(deflEnd, { status: 0xc4 });
    return opcode === deflEnd;
  });
  await expect(work).rejects.toMatchObject({ code: 'W03' });
});

test('the wait for an acknowledgement follows the uncompressed size of the block before', () => {
  expect(blockLimitMs(0)).toBe(3_000);
  expect(blockLimitMs(32_768)).toBeCloseTo((40 * (32_768 + 2 * 65_536)) / 1_000);
  expect(blockLimitMs(16_000_000)).toBe(240_000);
});

test('a megabyte of zeros in one block may take minutes', async () => {
  const what = region(0, new Uint8Array(1_048_576));
  const blocks = await deflateBlocks(what.data);
  expect(blocks.map(({ flashBytes }) => flashBytes)).toEqual([1_048_576]);
  const { work } = write(what, ({ opcode }, link) => {
    if (opcode === deflEnd) link.reply(deflEnd, {}, 60_000);
    return opcode === deflEnd;
  });
  await expect(work).resolves.toBeUndefined();
});

test.for([
  { name: 'silence', answer: null, code: 'F05', limitMs: 127_000, sent: 1 },
  { name: 'a refusal', answer: 0xc5, code: 'W03', limitMs: 100, sent: 1 },
  { name: 'damage, twice,', answer: 0xc0, code: 'W01', limitMs: 200, sent: 2 },
])('$name at the erase is $code', async ({ answer, code, limitMs, sent }) => {
  const clock = new VirtualClock();
  const link = new ScriptedLink(clock, ({ opcode }) => {
    if (answer !== null) link.reply(opcode, { status: answer });
  });
  const erase = eraseFlash(new Loader(link, clock, silentLogger()), 4_194_304, new AbortController().signal);
  await expect(inVirtualTime(clock, erase)).rejects.toMatchObject({ code });
  expect(clock.monotonic()).toBeLessThan(limitMs);
  expect(link.requests).toHaveLength(sent);
});

test('a run of FF whose erase the loader gives up on is written instead', async () => {
  const data = mixedBytes(0x30000).fill(0xff, 0x10000, 0x20000);
  const { work, link, seen } = write(region(0, data), ({ opcode }, own) => {
    if (opcode === 0xd1) own.reply(opcode, { status: 0xc4 });
    return opcode === 0xd1;
  });
  await work;
  const begins = link.requests.filter(({ opcode }) => opcode === deflBegin).map(({ word }) => [word(3), word(0)]);
  expect(begins).toEqual([
    [0, 0x10000],
    [0x10000, 0x10000],
    [0x20000, 0x10000],
  ]);
  expect(seen.flashBytes).toBe(0x30000);
});
