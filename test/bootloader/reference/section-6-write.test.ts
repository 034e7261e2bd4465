import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import { payloadOf, streams } from '../../support/wire-streams.ts';

const image = bootableImage(60_000);
const job = benchJob({ regions: [[0, image]] });
const used = (bytes = 0x80000): Uint8Array => new Uint8Array(bytes).fill(0x5a);

describe('what is declared to the RAM loader', () => {
  const jobs = [
    { name: 'an image that compresses', data: image },
    { name: 'one block exactly', data: noisyBytes(0x4000, 3) },
    { name: 'noise', data: noisyBytes(70_000, 4) },
    { name: 'four bytes', data: Uint8Array.of(1, 2, 3, 4) },
    { name: 'zeros', data: new Uint8Array(300_000) },
    { name: 'a sector and a word', data: noisyBytes(0x1004, 6) },
  ];

  test.for(jobs)('§6.6 $name: the length is exact, and the stream inflates to it', async ({ data }) => {
    const { wire } = await passed({}, benchJob({ regions: [[0, data]], boot: 'off' }));
    const [stream, ...more] = streams(wire);
    expect(more).toEqual([]);
    if (stream === undefined) throw new Error('Nothing was written.');
    const { begin, blocks } = stream;
    expect(begin.word(0)).toBe(data.length);
    expect([begin.word(2), begin.word(3)]).toEqual([0x4000, 0]);
    const sent = payloadOf(blocks);
    expect(begin.word(1)).toBe(Math.ceil(sent.length / 0x4000));
    expect(
      Buffer.compare(begin.opcode === op.deflBegin ? inflateSync(sent) : sent.subarray(0, data.length), data),
    ).toBe(0);
  });

  test.for(jobs)('§6.6 $name: the product of count and block size covers what is sent', async ({ data }) => {
    const { wire } = await passed({}, benchJob({ regions: [[0, data]], boot: 'off' }));
    for (const { begin, blocks } of streams(wire)) {
      expect(begin.word(1) * begin.word(2)).toBeGreaterThanOrEqual(payloadOf(blocks).length);
      for (const { payload } of blocks) expect(payload.length - 16).toBeLessThanOrEqual(0x4000);
      expect(blocks.map(({ word }) => word(1))).toEqual(blocks.map((_, index) => index));
    }
  });

  test('§6.6 a stream is level 9 and only used where it is shorter', async () => {
    const { wire } = await passed({}, job);
    for (const { begin, blocks } of streams(wire)) {
      if (begin.opcode !== op.deflBegin) continue;
      const sent = payloadOf(blocks);
      expect([sent[0], sent[1]]).toEqual([0x78, 0xda]);
      expect(sent.length).toBeLessThan(begin.word(0));
    }
    const noise = await passed({}, benchJob({ regions: [[0, noisyBytes(70_000, 4)]], boot: 'off' }));
    expect(noise.wire.sent(op.deflBegin)).toEqual([]);
  });

  test('§6.6 one stream per region: several regions are never joined', async () => {
    const three = benchJob({
      regions: [
        [0, image],
        [0x20000, noisyBytes(9_000, 5)],
        [0x23000, bootableImage(9_000, 7)],
      ],
    });
    const { wire } = await passed({}, three);
    expect(streams(wire).map(({ begin }) => begin.word(3))).toEqual([0, 0x20000, 0x23000]);
  });

  test('§2.5 the 20-byte form of FLASH_DEFL_BEGIN is byte by byte the one seen', async () => {
    const { wire } = await passed({}, benchJob({ regions: [[0, new Uint8Array(70_000)]], boot: 'off' }));
    const [begin] = wire.sent(op.deflBegin);
    expect(Buffer.from(begin?.wire ?? []).toString('hex')).toBe(
      'c00010140000000000' + '70110100' + '01000000' + '00400000' + '00000000'.repeat(2) + 'c0',
    );
  });

  test('§6.10 SPI_ATTACH and SPI_SET_PARAMS are not sent for a part of 4 MB', async () => {
    const { wire } = await passed({}, job);
    expect([...wire.sent(0x0d), ...wire.sent(op.spiSetParams)]).toEqual([]);
  });
});

describe('the blocks', () => {
  test('§6.5 a block is sent after the reply to the one before, at every rate', async () => {
    for (const baud of [115_200, 921_600, 2_000_000]) {
      const { wire } = await passed({ flash: { ...w25q32, content: used() } }, job, { baud });
      for (const { begin, blocks, end } of streams(wire)) {
        for (const request of [begin, ...blocks]) {
          const next = wire.events
            .slice(wire.at(request) + 1)
            .find(({ kind }) => kind === 'request' || kind === 'heard');
          expect(next).toMatchObject({ kind: 'heard', opcode: request.opcode });
        }
        expect(end).toBeDefined();
      }
    }
  });

  test('§3.3 each write ends with END and the flag 1, the barrier for its last block', async () => {
    const { wire } = await passed({}, job);
    for (const { begin, end } of streams(wire)) {
      expect(end?.opcode).toBe(begin.opcode === op.deflBegin ? op.deflEnd : op.flashEnd);
      expect(end?.word(0)).toBe(1);
      expect(end?.length).toBe(4);
    }
  });

  test('§6.5 a highly compressible block may keep the flash busy for long without being given up', async () => {
    const zeros = benchJob({ regions: [[0, new Uint8Array(0x100000)]], boot: 'off' });
    const { report } = await passed({ flash: { ...w25q32, content: used() } }, zeros);
    expect(report.retries).toBe(0);
    expect(report.bytesSent).toBeLessThan(10_000);
  });

  test('§6.4 no request comes within 5 ms of the reply to CHANGE_BAUDRATE', async () => {
    const { wire } = await passed({}, job, { baud: 2_000_000 });
    const at = wire.at(wire.sent(op.changeBaudrate)[0]);
    const [reply, ...later] = wire.events.slice(at + 1);
    const next = later.find(({ kind }) => kind === 'request');
    expect((next?.atMs ?? 0) - (reply?.atMs ?? Infinity)).toBeGreaterThanOrEqual(5);
  });
});
