import { describe, expect, test } from 'vitest';
import type { Job } from '../../../src/firmware/job.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';

const megabyte = 0x100000;
const image = bootableImage(20_000);
const parts = [
  { name: '8 MB', megabytes: 8, id: 0x1740ef, sizeWord: 0x800000 },
  { name: '16 MB', megabytes: 16, id: 0x1840ef, sizeWord: 0x1000000 },
] as const;
const flashOf = ({ id, megabytes }: (typeof parts)[number]) => ({
  ...w25q32,
  id,
  bytes: megabytes * megabyte,
});
const pointer = 0x3fffc714;

/** Below, across and above 4 MB, and the last sector. */
function jobFor(bytes: number) {
  const across = noisyBytes(0x4000, 3);
  return benchJob({
    regions: [
      [0, image],
      [4 * megabyte - 0x2000, across],
      [5 * megabyte, bootableImage(30_000, 4)],
      [bytes - 0x1000, noisyBytes(0x1000, 5)],
    ],
  });
}
const jobs = new Map<string, Job>(parts.map((part) => [part.name, jobFor(part.megabytes * megabyte)]));
const jobOf = (name: string): Job => jobs.get(name) ?? jobFor(8 * megabyte);

describe('a flash above 4 MB', () => {
  test.for(parts)('§6.9 $name: the ROM is told the size before the upload, in the words of §3.7', async (part) => {
    const { wire } = await passed({ flash: flashOf(part) }, jobOf(part.name));
    const [params, ...more] = wire.sent(op.spiSetParams);
    expect(more).toEqual([]);
    expect(wire.at(params)).toBeLessThan(wire.at(wire.sent(op.memBegin)[0]));
    const words = [0, 1, 2, 3, 4, 5].map((index) => params?.word(index));
    expect(words).toEqual([0, part.sizeWord, 0x10000, 0x1000, 0x100, 0xffff]);
    expect(params?.length).toBe(24);
  });

  test.for(parts)('§6.9 $name: it is written and digested above 4 MB', async (part) => {
    const { wire, report } = await passed({ flash: flashOf(part) }, jobOf(part.name));
    expect(report).toMatchObject({ retries: 0, identity: { flashBytes: part.megabytes * megabyte } });
    expect(wire.sent(op.md5).map(({ word }) => word(0))).toContain(5 * megabyte);
    expect(report.digestsActual).toEqual(report.digestsExpected);
  });

  test.for(parts.flatMap((part) => ([1, 2] as const).map((generation) => ({ ...part, generation }))))(
    '§6.9 $name: so it is by a v$generation that runs already',
    async ({ generation, ...part }) => {
      const running = { generation, baud: 115_200 };
      const module = { flash: flashOf(part), running };
      const { wire, report } = await passed(module, jobOf(part.name), { reset: 'none' });
      expect(report.retries).toBe(0);
      // v1 hands SPI_SET_PARAMS on to the ROM itself; for v2 the record that the pointer names is corrected.
      expect(wire.sent(op.spiSetParams)).toHaveLength(1);
      const asked = wire.sent(op.readReg).some(({ word }) => word(0) === pointer);
      expect(asked).toBe(true);
      const fixed = wire.sent(op.writeReg).filter(({ word }) => word(1) === part.sizeWord);
      expect(fixed).toHaveLength(generation === 2 ? 1 : 0);
    },
  );

  test('§6.9 the record is corrected once; the next session finds it right', async () => {
    const part = parts[0];
    const nest = new ReferenceBench({ flash: flashOf(part), running: { generation: 2, baud: 115_200 } });
    for (let session = 0; session < 2; session += 1) {
      nest.wire.forget();
      await nest.bench.clock.elapse(20);
      const { report } = await nest.session(jobOf(part.name), { reset: 'none' });
      expect(report.outcome).toBe('PASS');
      const fixed = nest.wire.sent(op.writeReg).filter(({ word }) => word(1) === part.sizeWord);
      expect(fixed).toHaveLength(session === 0 ? 1 : 0);
    }
  });

  test('§6.9 after a reset in the middle of the work the ROM is told the size again', async () => {
    const part = parts[1];
    const dip = { kind: 'brownOutAtReply', op: op.deflEnd, nth: 1 } as const;
    const { wire, report } = await passed({ flash: flashOf(part), misbehave: [dip] }, jobOf(part.name));
    expect(report.retries).toBeGreaterThan(0);
    expect(wire.sent(op.spiSetParams).length).toBe(wire.sent(op.memEnd).length);
  });

  test('§6.9 an erase of everything covers all of it', async () => {
    const part = parts[0];
    const content = new Uint8Array(8 * megabyte);
    const all = benchJob({ regions: [[0, image]], erase: 'all' });
    const { chip } = await passed({ flash: { ...flashOf(part), content } }, all);
    expect(chip.flash.read(7 * megabyte, 0x1000).every((byte) => byte === 0xff)).toBe(true);
  });
});

describe('a flash of 4 MB and less', () => {
  test.for([
    { name: '1 MB', id: 0x1440ef, bytes: megabyte },
    { name: '2 MB', id: 0x1540ef, bytes: 2 * megabyte },
    { name: '4 MB', id: 0x1640ef, bytes: 4 * megabyte },
  ])('§6.9 $name needs no size', async ({ id, bytes }) => {
    const job = benchJob({
      regions: [
        [0, image],
        [bytes - 0x1000, noisyBytes(0x1000, 2)],
      ],
    });
    const { wire } = await passed({ flash: { ...w25q32, id, bytes } }, job);
    expect(wire.sent(op.spiSetParams)).toEqual([]);
  });
});
