import { describe, expect, test } from 'vitest';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { silentLogger } from '../../../src/foundation/logger.ts';
import { readDigest } from '../../../src/bootloader/flash-verifier.ts';
import { blockLimitMs, writeRegion } from '../../../src/bootloader/flash-writer.ts';
import { Loader } from '../../../src/bootloader/loader.ts';
import { planRegion } from '../../../src/bootloader/write-plan.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { mixedBytes, noisyBytes, region } from '../../support/regions.ts';
import { inVirtualTime, ScriptedLink } from '../../support/scripted-link.ts';
import type { SeenRequest } from '../../support/scripted-link.ts';
import { holdsJob } from '../../support/virtual-bench.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const image = region(0, mixedBytes(100_000));
const conditions = { baud: 921_600, erased: false };
const watch = { acknowledged: () => undefined, resent: () => undefined };

/** A RAM loader that gives the n-th request with an opcode this status, once as v2 does, or from then on as v1 does. */
function refusing(opcode: number, nth: number, status: number, sticky = false) {
  const clock = new VirtualClock();
  let seen = 0;
  const script = (request: SeenRequest, own: ScriptedLink): void => {
    if (request.opcode === opcode) seen += 1;
    const now = sticky ? seen >= nth : request.opcode === opcode && seen === nth;
    own.reply(request.opcode, now ? { status } : {});
  };
  const link = new ScriptedLink(clock, script);
  return { clock, link, loader: new Loader(link, clock, silentLogger()), signal: new AbortController().signal };
}

describe('an error of a block that was acknowledged', () => {
  const late: readonly { where: string; opcode: number; nth: number }[] = [
    { where: 'the next block', opcode: op.deflData, nth: 2 },
    { where: 'the last block', opcode: op.deflData, nth: 4 },
    { where: 'FLASH_DEFL_END', opcode: op.deflEnd, nth: 1 },
  ];
  const kinds: readonly { what: string; status: number; code: FaultCode }[] = [
    { what: 'a failed SPI operation', status: 0xc4, code: 'W03' },
    { what: 'a stream that does not inflate', status: 0xc7, code: 'W04' },
    { what: 'too few data', status: 0xc8, code: 'W01' },
    { what: 'too many data', status: 0xc9, code: 'W01' },
  ];

  test.for(late.flatMap((one) => kinds.map((kind) => ({ ...one, ...kind }))))(
    '§6.5 $what that shows on $where is $code, and the stream is abandoned',
    async ({ opcode, nth, status, code }) => {
      for (const sticky of [false, true]) {
        const { clock, link, loader, signal } = refusing(opcode, nth, status, sticky);
        const steps = await planRegion(image, conditions);
        const work = inVirtualTime(clock, writeRegion(loader, steps, watch, signal));
        await expect(work).rejects.toMatchObject({ code });
        // v2 has forgotten it: a block sent again would be taken as the next one.
        expect(link.requests.filter((request) => request.opcode === opcode)).toHaveLength(nth);
        expect(link.requests.at(-1)?.opcode).toBe(opcode);
      }
    },
  );

  // A damaged address gives C4 too, and END has been the barrier for the write: so once says nothing yet.
  test('§6.5 C4 on the digest is asked once more; twice is a fault of the write, not a wrong digest', async () => {
    const { clock, link, loader, signal } = refusing(op.md5, 1, 0xc4, true);
    await expect(inVirtualTime(clock, readDigest(loader, image, signal))).rejects.toMatchObject({ code: 'W03' });
    expect(link.requests).toHaveLength(2);
  });

  test('§6.5 C4 on the BEGIN of the next write: the same BEGIN once more; twice is a fault of the write', async () => {
    const steps = await planRegion(image, conditions);
    const once = refusing(op.deflBegin, 1, 0xc4);
    await inVirtualTime(once.clock, writeRegion(once.loader, steps, watch, once.signal));
    expect(once.link.requests.slice(0, 3).map(({ opcode }) => opcode)).toEqual([
      op.deflBegin,
      op.deflBegin,
      op.deflData,
    ]);
    expect(once.link.requests[1]?.payload).toEqual(once.link.requests[0]?.payload);
    const twice = refusing(op.deflBegin, 1, 0xc4, true);
    const work = inVirtualTime(twice.clock, writeRegion(twice.loader, steps, watch, twice.signal));
    await expect(work).rejects.toMatchObject({ code: 'W03' });
    expect(twice.link.requests).toHaveLength(2);
  });
});

describe('a block that was refused itself', () => {
  test.for([
    { name: 'C1', status: 0xc1 },
    { name: 'C0', status: 0xc0 },
  ])('§6.10 $name: nothing was consumed, so the same block is sent again', async ({ status }) => {
    const { clock, link, loader, signal } = refusing(op.deflData, 2, status);
    const steps = await planRegion(image, conditions);
    await inVirtualTime(clock, writeRegion(loader, steps, watch, signal));
    const blocks = link.requests.filter(({ opcode }) => opcode === op.deflData);
    expect(blocks.map(({ word }) => word(1)).slice(0, 4)).toEqual([0, 1, 1, 2]);
    expect(blocks[2]?.payload).toEqual(blocks[1]?.payload);
  });

  test('§6.10 a block that stays refused ends the write', async () => {
    const { clock, link, loader, signal } = refusing(op.deflData, 1, 0xc1, true);
    const steps = await planRegion(image, conditions);
    const work = inVirtualTime(clock, writeRegion(loader, steps, watch, signal));
    await expect(work).rejects.toMatchObject({ code: 'W01' });
    expect(link.requests.filter(({ opcode }) => opcode === op.deflData).length).toBeLessThanOrEqual(4);
  });

  test('§6.10 in a session it costs one block', async () => {
    const job = benchJob({ regions: [[0, bootableImage(100_000)]] });
    const clean = await passed({}, job);
    const { wire, report } = await passed({ misbehave: [{ kind: 'badBlock', nth: 2 }] }, job);
    expect(report.retries).toBe(1);
    expect(wire.sent(op.deflData)).toHaveLength(clean.wire.sent(op.deflData).length + 1);
    expect(wire.sent(op.deflBegin)).toHaveLength(1);
  });
});

describe('what the acknowledgements do not tell', () => {
  test('§6.6 only the digest proves the content: a bit that did not take is V01, acknowledged or not', async () => {
    const nest = new ReferenceBench({ misbehave: [{ kind: 'stuckBit', address: 0x4100, bit: 3 }] });
    const data = new Uint8Array(bootableImage(40_000));
    data[0x4100] = 0xff;
    const { report } = await nest.session(benchJob({ regions: [[0, data]], boot: 'off' }));
    expect(report).toMatchObject({ code: 'V01', phase: 'verify', dirty: true });
    expect(report.digestsActual).toHaveLength(1);
  });

  test('§6.5 the wait for a block covers the flash time of the one before', () => {
    // max(3 s, 40 s per 10^6 bytes of U + (ceil(U / 32768) + 1) × 65536)
    expect(blockLimitMs(0)).toBe(3_000);
    expect(blockLimitMs(0x10000)).toBeCloseTo(40e-3 * (65_536 + 3 * 65_536), 6);
    expect(blockLimitMs(0x100000)).toBeCloseTo(40e-3 * (1_048_576 + 33 * 65_536), 6);
  });

  test('§6.6 the next stream after one that was cut off begins with block 0', async () => {
    const job = benchJob({
      regions: [
        [0, bootableImage(100_000)],
        [0x40000, noisyBytes(20_000, 4)],
      ],
    });
    const lost = { kind: 'swallowAck', op: op.deflData, nth: 2 } as const;
    const { wire } = await passed({ misbehave: [lost] }, job, { baud: 460_800 });
    for (const begin of wire.sent(op.deflBegin)) {
      const first = wire.requests[wire.requests.indexOf(begin) + 1];
      expect([first?.opcode, first?.word(1)]).toEqual([op.deflData, 0]);
    }
    expect(wire.sent(op.deflBegin).length).toBeGreaterThanOrEqual(2);
  });
});

describe('a stream that was cut off with the port, where nobody can reset the module', () => {
  const job = benchJob({ regions: [[0, bootableImage(100_000)]] });
  const both = [1, 2] as const;
  const cuts = both.flatMap((generation) => [0, 5_000, 20_000, 35_000].map((bytes) => ({ generation, bytes })));

  test.for(cuts)('§6.6 v$generation, $bytes bytes into it: the next session never passes wrongly', async (cut) => {
    const nest = new ReferenceBench({ running: { generation: cut.generation, baud: 115_200 } });
    const { socket, clock } = nest.bench;
    const unplug = { at: 'write', do: () => socket.unplugAfter(cut.bytes) } as const;
    const first = await nest.session(job, { reset: 'none', events: [unplug] }, [/./]);
    expect(first.report.code).toBe('S04');
    socket.plugIn();
    await clock.elapse(5_000);
    const second = await nest.session(job, { reset: 'none' }, [/./]);
    // v1 writes what was left of the old stream first: the digest has to find that.
    expect(second.report.outcome === 'PASS').toBe(holdsJob(nest.chip, job));
    if (cut.generation === 2) expect(second.report.outcome).toBe('PASS');
  });
});
