import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFlash, readFlashBytes } from '../../src/bootloader/flash-reader.ts';
import type { FlashRange } from '../../src/bootloader/flash-reader.ts';
import { Loader } from '../../src/bootloader/loader.ts';
import { encodeSlip, SlipDecoder } from '../../src/bootloader/slip.ts';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { hex } from '../../src/foundation/bytes.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { noisyBytes } from '../support/regions.ts';
import { inVirtualTime, ScriptedLink } from '../support/scripted-link.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const readFlashOp = 0xd2;
const readRegOp = 0x0a;
const content = noisyBytes(0x30000, 11);

interface Streamer {
  /** Changes a frame before it is sent; null sends nothing. `stream` counts from 1, `frame` from 0. */
  readonly frame?: (bytes: Uint8Array, stream: number, frame: number) => Uint8Array | null;
  /** The status with which READ_REG is answered for the n-th time, from 1; null for silence. */
  readonly register?: (nth: number) => number | null;
}

/** A loader that streams as protocol reference §6.8 says: one block, then its acknowledgement. */
function reader({ frame = (bytes) => bytes, register = () => 0 }: Streamer = {}) {
  const clock = new VirtualClock();
  const state = { streams: 0, frames: 0, registers: 0, acks: [] as number[], rest: [] as Uint8Array[] };
  const send = (link: ScriptedLink): void => {
    const bytes = state.rest.shift();
    const sent = bytes === undefined ? null : frame(bytes, state.streams, state.frames++);
    if (sent !== null) link.push(encodeSlip(sent), 2);
  };
  const link = new ScriptedLink(clock, (request, own) => {
    if (request.opcode === readRegOp) {
      state.rest = [];
      const status = register(++state.registers);
      if (status !== null) own.reply(readRegOp, { status });
    }
    if (request.opcode !== readFlashOp) return;
    const [address, bytes, block] = [0, 1, 2].map((index) => request.word(index)) as [number, number, number];
    const data = content.slice(address, address + bytes);
    const blocks = Array.from({ length: Math.ceil(bytes / block) }, (_, at) =>
      data.slice(at * block, (at + 1) * block),
    );
    state.rest = [...blocks, new Uint8Array(createHash('md5').update(data).digest())];
    state.streams += 1;
    state.frames = 0;
    own.reply(readFlashOp);
    send(own);
  });
  const decoder = new SlipDecoder();
  const write = link.write.bind(link);
  link.write = async (bytes, signal) => {
    await write(bytes, signal);
    for (const ack of decoder.push(bytes).filter((each) => each.length === 4)) {
      state.acks.push(Buffer.from(ack).readUInt32LE());
      send(link);
    }
  };
  const loader = new Loader(link, clock, silentLogger());
  const read = (range: FlashRange) =>
    inVirtualTime(clock, readFlashBytes(loader, esp8266, range, new AbortController().signal));
  return { link, clock, loader, state, read };
}

const words = (link: ScriptedLink): (readonly number[])[] =>
  link.requests.filter(({ opcode }) => opcode === readFlashOp).map(({ word }) => [0, 1, 2, 3].map(word));

test('a range goes in requests of 64 KB, each block acknowledged with the bytes that have come', async () => {
  const { link, state, read } = reader();
  const data = await read({ address: 0x8000, bytes: 0x12345 });
  expect(hex(data)).toBe(hex(content.subarray(0x8000, 0x8000 + 0x12345)));
  expect(words(link)).toEqual([
    [0x8000, 0x8000, 0x1000, 0x1000],
    [0x10000, 0xa348, 0x1000, 0x1000],
  ]);
  expect(state.acks.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((block) => block * 0x1000));
  expect(state.acks.at(-1)).toBe(0xa348);
});

test('any range comes as it is, asked for in whole words', async () => {
  const ranges = fc.record({ address: fc.nat(0x2ff00), bytes: fc.integer({ min: 1, max: 0x100 }) });
  await fc.assert(
    fc.asyncProperty(ranges, async (range) => {
      const { link, read } = reader();
      expect(hex(await read(range))).toBe(hex(content.subarray(range.address, range.address + range.bytes)));
      expect(words(link).every(([address = 1, bytes = 1]) => address % 4 === 0 && bytes % 4 === 0)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

const bent = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 3 ? byte ^ 1 : byte));

test.for([
  { name: 'a bent byte', spoil: bent },
  { name: 'a byte less', spoil: (bytes: Uint8Array) => bytes.slice(1) },
  { name: 'a byte more', spoil: (bytes: Uint8Array) => Uint8Array.of(0, ...bytes) },
  { name: 'nothing', spoil: () => null },
])('a block with $name is asked for again in a smaller piece, and a bent digest too', async ({ spoil }) => {
  const { link, loader, read } = reader({
    frame: (bytes, stream, at) => (stream === 1 && at === 2 ? spoil(bytes) : bytes),
  });
  expect(hex(await read({ address: 0, bytes: 0x10000 }))).toBe(hex(content.subarray(0, 0x10000)));
  expect(words(link).map(([address, bytes]) => [address, bytes])).toEqual([
    [0, 0x10000],
    ...[0, 0x4000, 0x8000, 0xc000].map((address) => [address, 0x4000]),
  ]);
  expect(loader.repeats).toBe(1);
});

test('a bent digest makes the chunk come again', async () => {
  const { state, read } = reader({ frame: (bytes, stream, at) => (stream === 1 && at === 1 ? bent(bytes) : bytes) });
  expect(hex(await read({ address: 0, bytes: 0x1000 }))).toBe(hex(content.subarray(0, 0x1000)));
  expect(state.streams).toBe(2);
});

test.for([
  { name: 'stays bent is C04', frame: bent, code: 'C04' },
  { name: 'never comes is C06', frame: () => null, code: 'C06' },
])('a block that $name after four tries', async ({ frame, code }) => {
  const { state, read, clock } = reader({ frame });
  await expect(read({ address: 0, bytes: 0x10000 })).rejects.toMatchObject({ code });
  expect(state.streams).toBe(4);
  expect(clock.monotonic()).toBeLessThan(20_000);
});

test('a flash that cannot be read is W03, as the loader says at its next command', async () => {
  const { read } = reader({ frame: () => null, register: (nth) => (nth % 2 === 1 ? 0xc4 : 0) });
  await expect(read({ address: 0, bytes: 0x1000 })).rejects.toMatchObject({
    code: 'W03',
    detail: 'The module cannot read its flash: the flash operation failed (status 0xc4 0x00).',
  });
});

test('a module that answers nothing any more is C06 in bounded time', async () => {
  const { read, clock } = reader({ frame: () => null, register: () => null });
  await expect(read({ address: 0, bytes: 0x1000 })).rejects.toMatchObject({ code: 'C06' });
  expect(clock.monotonic()).toBeLessThan(8_000);
});

test('what frames are received is told while they come', async () => {
  const { loader, clock } = reader();
  const told: number[] = [];
  const range = { address: 0x100, bytes: 0x2100 };
  const reading = readFlash(loader, esp8266, range, new AbortController().signal, (bytes) => void told.push(bytes));
  await inVirtualTime(
    clock,
    (async () => {
      for await (const chunk of reading) expect(chunk).toHaveLength(0x2100);
    })(),
  );
  expect(told).toEqual([0x1000, 0x2000, 0x2100]);
});

test('an abort in the middle ends it with its reason', async () => {
  const { loader, clock } = reader();
  const control = new AbortController();
  const reason = new Error('enough');
  const reading = (async () => {
    for await (const chunk of readFlash(loader, esp8266, { address: 0, bytes: 0x30000 }, control.signal)) {
      if (chunk.length > 0) control.abort(reason);
    }
  })();
  await expect(inVirtualTime(clock, reading)).rejects.toBe(reason);
});
