import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { esp8266 } from '../../../src/chips/esp8266.ts';
import { loadRamStub } from '../../../src/bootloader/ram-stub.ts';
import { concatBytes } from '../../../src/foundation/bytes.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { failed, op, passed } from '../../support/reference-bench.ts';
import type { SentRequest, WireTap } from '../../support/wire-tap.ts';

const job = benchJob({ regions: [[0, bootableImage(20_000)]] });
const text = 0x4010c500;
const data = 0x3fffae6c;
const hexOf = (request: SentRequest | undefined): string => Buffer.from(request?.wire ?? []).toString('hex');
const uploadOf = (wire: WireTap): readonly SentRequest[] =>
  wire.requests.filter(({ opcode }) => opcode === op.memBegin || opcode === op.memData || opcode === op.memEnd);
/** Where each MEM_BEGIN goes. */
const targets = (wire: WireTap): number[] => wire.sent(op.memBegin).map(({ word }) => word(3));

describe('the upload', () => {
  test('§6.2 text first, data last, byte by byte as in the verified session (§6.10)', async () => {
    const { wire } = await passed({}, job);
    const [beginText, first, second, beginData, only, end, ...more] = uploadOf(wire);
    expect(more).toEqual([]);
    expect(hexOf(beginText)).toBe('c000051000000000' + '00dbdc2c000002000000001800000' + '0c51040c0');
    // The table of §6.10 says 18; the bytes of this release, whose digest is right, have 1f.
    expect([first?.word(0), first?.word(1), first?.checksum, first?.wire.length]).toEqual([6144, 0, 0x1f, 6401]);
    expect([second?.word(0), second?.word(1), second?.checksum, second?.wire.length]).toEqual([5312, 1, 0xe1, 5421]);
    expect(hexOf(beginData)).toBe('c00005100000000000' + '98030000010000000018' + '00006caeff3fc0');
    expect([only?.word(0), only?.word(1), only?.checksum, only?.wire.length]).toEqual([920, 0, 0xff, 948]);
    expect(hexOf(end)).toBe('c00006080000000000' + '0000000004c51040c0');
  });

  test('§6.1 what is uploaded is the pinned release, by its digest', async () => {
    const { wire } = await passed({}, job);
    const blocks = wire.sent(op.memData).map(({ payload }) => payload.subarray(16));
    const uploaded = concatBytes(blocks.slice(0, 2));
    expect(createHash('sha256').update(uploaded).digest('hex').slice(0, 16)).toBe('37c16091ff165ffe');
    const stub = await loadRamStub(esp8266.family);
    expect([stub.text.address, stub.data.address, stub.entry]).toEqual([text, data, 0x4010c504]);
  });

  test('§6.2 after the data no request is so long that it would overwrite them before they run', async () => {
    const { wire } = await passed({}, job);
    const upload = uploadOf(wire);
    const dataAt = wire.at(upload.findLast(({ opcode }) => opcode === op.memData));
    const endAt = wire.at(upload.at(-1));
    for (const event of wire.events.slice(dataAt + 1, endAt + 1)) {
      if (event.kind === 'request') expect(event.payload.length + 8).toBeLessThanOrEqual(3692);
    }
  });

  test('§6.2 each block goes out after the reply to the one before', async () => {
    const { wire } = await passed({}, job);
    for (const request of uploadOf(wire).slice(0, -1)) {
      const next = wire.events.slice(wire.at(request) + 1).find(({ kind }) => kind === 'request' || kind === 'heard');
      expect(next).toMatchObject({ kind: 'heard', opcode: request.opcode });
    }
  });
});

describe('an upload that goes wrong', () => {
  test.for([
    { name: 'in the first block of the text', nth: 3_000 },
    { name: 'in the second block of the text', nth: 10_000 },
    { name: 'in the data', nth: 12_900 },
  ])('§6.2 a byte damaged $name: all of it again, text first', async ({ nth }) => {
    const damage = { kind: 'byteFault', direction: 'received', what: 'corrupt', nth } as const;
    const { wire, report } = await passed({ misbehave: [damage] }, job);
    expect(report.retries).toBeGreaterThan(0);
    const starts = targets(wire);
    expect(starts.slice(-2)).toEqual([text, data]);
    expect(starts.filter((address) => address === text)).toHaveLength(2);
    // §3.2: the ROM takes no block twice; each upload counts its blocks from 0.
    for (const [index, request] of uploadOf(wire).entries()) {
      if (request.opcode !== op.memData) continue;
      const before = uploadOf(wire)[index - 1];
      expect(request.word(1)).toBe(before?.opcode === op.memData ? before.word(1) + 1 : 0);
    }
  });

  test.for([1, 2, 3])('§6.2 a lost answer to block %d: the block is not sent again, the upload is', async (nth) => {
    const lost = { kind: 'swallowAck', op: op.memData, nth } as const;
    const { wire } = await passed({ misbehave: [lost] }, job);
    expect(targets(wire).slice(-2)).toEqual([text, data]);
    expect(targets(wire).filter((address) => address === text)).toHaveLength(2);
  });

  test('§3.4 a lost answer to MEM_END is nothing: the greeting counts', async () => {
    const lost = { kind: 'swallowAck', op: op.memEnd, nth: 1 } as const;
    const { wire, report } = await passed({ misbehave: [lost] }, job);
    expect(report.retries).toBe(0);
    expect(wire.sent(op.memEnd)).toHaveLength(1);
  });

  test('§6.2 a RAM loader that does not greet within 3 s: reset, once more, then F06', async () => {
    const { wire, ms } = await failed('F06', { misbehave: [{ kind: 'loaderStartFails' }] }, job);
    expect(wire.sent(op.memEnd)).toHaveLength(2);
    const [first, second] = wire.sent(op.memEnd);
    const between = wire.events.slice(wire.at(first), wire.at(second));
    expect(between.some((event) => event.kind === 'line' && event.line === 'rst' && !event.low)).toBe(true);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(3_000);
    expect(ms).toBeLessThan(15_000);
  });

  test('§11 the upload is proved with the detect register before anything else', async () => {
    const { wire } = await passed({}, job);
    const next = wire.requests[wire.requests.indexOf(wire.sent(op.memEnd)[0] as SentRequest) + 1];
    expect(next).toMatchObject({ opcode: op.readReg });
    expect(next?.word(0)).toBe(0x40001000);
  });
});
