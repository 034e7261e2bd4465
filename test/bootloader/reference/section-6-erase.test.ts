import { describe, expect, test } from 'vitest';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { op, passed, ReferenceBench } from '../../support/reference-bench.ts';
import { noisyBytes } from '../../support/regions.ts';
import { streams } from '../../support/wire-streams.ts';

const image = bootableImage(60_000);
const sector = 0x1000;
const block = 0x10000;
const used = (bytes = 0x80000): Uint8Array => new Uint8Array(bytes).fill(0x5a);

describe('erasing', () => {
  test('§6.7 only the sectors of the regions are erased, whatever stands beside them', async () => {
    const flash = { ...w25q32, content: used() };
    const data = noisyBytes(0x2800, 5);
    const two = benchJob({
      regions: [
        [0, image],
        [0x21000, data],
      ],
    });
    const { chip } = await passed({ flash }, two);
    const after = Math.ceil(image.length / sector) * sector;
    expect(chip.flash.read(after, 0x21000 - after).every((byte) => byte === 0x5a)).toBe(true);
    expect(chip.flash.read(0x24000, sector).every((byte) => byte === 0x5a)).toBe(true);
    // The rest of the last sector goes with it.
    expect(chip.flash.read(0x21000 + data.length, 0x800).every((byte) => byte === 0xff)).toBe(true);
  });

  const gap = new Uint8Array(0x50000).fill(0xff);
  gap.set(bootableImage(20_000), 0);
  gap.set(noisyBytes(0x3000, 8), 0x42000);
  const withGap = benchJob({ regions: [[0, gap]] });

  test('§6.7 a run of FF in a region is erased and not sent, in ascending order with the writes', async () => {
    const { wire, chip } = await passed({ flash: { ...w25q32, content: used() } }, withGap);
    const steps = wire.requests.filter(({ opcode }) =>
      [op.deflBegin, op.flashBegin, op.eraseRegion].includes(opcode as 2),
    );
    const ranges = steps.map(({ opcode, word }) =>
      opcode === op.eraseRegion ? { from: word(0), bytes: word(1) } : { from: word(3), bytes: word(0) },
    );
    expect(steps.map(({ opcode }) => opcode)).toContain(op.eraseRegion);
    let next = 0;
    for (const { from, bytes } of ranges) {
      expect(from).toBe(next);
      next = from + bytes;
    }
    expect(next).toBe(gap.length);
    expect(chip.flash.read(0x20000, block).every((byte) => byte === 0xff)).toBe(true);
  });

  test('§3.10 ERASE_REGION has whole sectors', async () => {
    const { wire } = await passed({ flash: { ...w25q32, content: used() } }, withGap);
    for (const { word } of wire.sent(op.eraseRegion)) expect([word(0) % sector, word(1) % sector]).toEqual([0, 0]);
  });

  test('§6.7 an ERASE_REGION comes after the END of the write before: its error cannot be taken for that of the write', async () => {
    const { wire } = await passed({ flash: { ...w25q32, content: used() } }, withGap);
    for (const erase of wire.sent(op.eraseRegion)) {
      const before = wire.requests[wire.requests.indexOf(erase) - 1];
      expect([op.deflEnd, op.flashEnd, op.eraseRegion]).toContain(before?.opcode);
    }
  });

  test('§6.7 after an erase of everything nothing is erased again, and the runs of FF are left out', async () => {
    const { wire } = await passed(
      { flash: { ...w25q32, content: used() } },
      benchJob({ regions: [[0, gap]], erase: 'all' }),
    );
    expect(wire.sent(op.eraseFlash)).toHaveLength(1);
    expect(Buffer.from(wire.sent(op.eraseFlash)[0]?.wire ?? []).toString('hex')).toBe('c000d0000000000000c0');
    expect(wire.sent(op.eraseRegion)).toEqual([]);
  });

  test('§6.7 a write begins at a sector, so that nothing before it is lost', async () => {
    const { wire } = await passed({}, withGap);
    for (const { begin } of streams(wire)) expect(begin.word(3) % sector).toBe(0);
  });

  test('§6.7 a used flash and a blank one end up the same', async () => {
    for (const generation of [1, 2] as const) {
      for (const content of [used(), new Uint8Array(0)]) {
        const running = { generation, baud: 115_200 };
        const nest = new ReferenceBench({ running, flash: { ...w25q32, content } });
        const { report } = await nest.session(withGap, { reset: 'none' });
        expect(report.outcome).toBe('PASS');
        expect(Buffer.compare(nest.chip.flash.read(0, gap.length), gap)).toBe(0);
      }
    }
  });
});
