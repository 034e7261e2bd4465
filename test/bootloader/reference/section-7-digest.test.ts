import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { failed, op, passed } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import { streams } from '../../support/wire-streams.ts';

const image = bootableImage(60_000);

describe('the digest', () => {
  test('§7.6 every region is verified before the module is started, and nothing talks to the loader afterwards', async () => {
    const two = benchJob({
      regions: [
        [0, image],
        [0x20000, noisyBytes(9_000, 5)],
      ],
    });
    const { wire } = await passed({}, two);
    const digests = wire.sent(op.md5);
    expect(digests.map(({ word }) => [word(0), word(1)])).toEqual([
      [0, image.length],
      [0x20000, 9_000],
    ]);
    const lastWrite = wire.at(streams(wire).at(-1)?.end);
    expect(wire.at(digests[0])).toBeGreaterThan(lastWrite);
    const restarts = wire.events.filter((event) => event.kind === 'line' && event.line === 'rst' && event.low);
    expect(restarts).toHaveLength(2);
    expect(wire.at(restarts[1])).toBeGreaterThan(wire.at(digests.at(-1)));
    expect(wire.requests.at(-1)).toBe(digests.at(-1));
  });

  // What a damaged BEGIN did to the flash is only seen in the digests: it may have hit another region.
  test.for([
    { name: 'free flash', hit: 1, again: [0x20000] },
    { name: 'another region', hit: 2, again: [0, 0x40000] },
  ])('§6.10 a BEGIN that hit $name: what is wrong is written once more, then all digests are read', async (damaged) => {
    const places = [0, 0x20000, 0x40000];
    const job = benchJob({ regions: places.map((at) => [at, at === 0 ? image : bootableImage(9_000, at >> 16)]) });
    const clean = await passed({}, job);
    const target = streams(clean.wire)[damaged.hit]?.begin;
    const before = clean.wire.events.slice(0, clean.wire.at(target));
    const sent = before.filter((event) => event.kind === 'request').map(({ wire }) => wire.length);
    // The third byte of the offset, the last word but one of the request.
    const nth = sent.reduce((sum, length) => sum + length, 0) + (target?.wire.length ?? 0) - 6;
    const damage = { kind: 'byteFault', direction: 'received', what: 'corrupt', nth } as const;
    const { wire, report } = await passed({ misbehave: [damage] }, job);
    expect(report.retries).toBeGreaterThanOrEqual(1);
    expect(streams(wire).map(({ begin }) => begin.word(3))).toEqual([...places, ...damaged.again]);
    const last = wire.at(streams(wire).at(-1)?.end);
    const after = wire.sent(op.md5).filter((request) => wire.at(request) > last);
    expect(after.map(({ word }) => word(0))).toEqual(places);
  });

  test('§6.6 a digest that is wrong after two writes is V01, with the digests of all regions in the report', async () => {
    const stuck = { kind: 'stuckBit', address: 0x21000, bit: 3 } as const;
    const data = bootableImage(9_000, 2);
    data[0x1000] = 0xff;
    const job = benchJob({
      regions: [
        [0, image],
        [0x20000, data],
      ],
    });
    const { wire, report } = await failed('V01', { misbehave: [stuck] }, job);
    expect(report).toMatchObject({ phase: 'verify', dirty: true });
    expect(report.digestsActual).toHaveLength(2);
    expect(streams(wire).map(({ begin }) => begin.word(3))).toEqual([0, 0x20000, 0x20000]);
  });

  test('§12 a region that is right already is skipped by its digest, asked before the write', async () => {
    const same = benchJob({ regions: [[0, image]], skip: 'same' });
    const { wire } = await passed({ flash: { ...w25q32, content: image } }, same);
    expect(wire.sent(op.md5)).toHaveLength(1);
    expect(streams(wire)).toEqual([]);
  });
});
