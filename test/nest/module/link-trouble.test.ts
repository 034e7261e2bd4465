import { describe, expect, test } from 'vitest';
import { LinkMemory } from '../../../src/nest/module/link-memory.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { noisyBytes } from '../../support/regions.ts';
import { noLeaks, VirtualBench } from '../../support/virtual-bench.ts';

const image = bootableImage(60_000);
const table = noisyBytes(4_096, 9);
const regions = [
  [0, image],
  [0x3fc000, table],
] as const;
const job = benchJob({ regions });
const skipping = benchJob({ regions, skip: 'same' });

describe('skip: same', () => {
  test('a module that has everything is not written, and the report says so', async () => {
    const bench = new VirtualBench();
    const chip = bench.insert();
    expect((await bench.run(job)).report).toMatchObject({ outcome: 'PASS', bytesSkipped: 0, bytes: 64_128 });
    const again = await bench.run(skipping);
    expect(again.report).toMatchObject({
      outcome: 'PASS',
      bytes: 64_128,
      bytesSkipped: 64_128,
      bytesSent: 0,
      dirty: false,
      retries: 0,
      bootMode: '3,7',
    });
    expect(again.report.digestsActual).toEqual(again.report.digestsExpected);
    expect(again.report.digestsActual.map(({ address }) => address)).toEqual([0, 0x3fc000]);
    expect(again.shares.at(-1)).toBe(1);
    expect(Object.keys(again.report.phaseMs)).toEqual(['connect', 'identify', 'loader', 'verify', 'boot']);
    expect(again.ms).toBeLessThan(1_000);
    expect(again.leaks).toEqual(noLeaks);
    expect(chip.violations).toEqual([]);
  });

  test('only what differs is written', async () => {
    const bench = new VirtualBench();
    const chip = bench.insert();
    await bench.run(job);
    const other = benchJob({ regions: [regions[0], [0x3fc000, noisyBytes(4_096, 10)]], skip: 'same' });
    const { report } = await bench.run(other);
    expect(report).toMatchObject({ outcome: 'PASS', bytes: 64_128, bytesSkipped: 60_032, dirty: true });
    expect(report.bytesSent).toBeGreaterThan(0);
    expect(report.bytesSent).toBeLessThan(5_000);
    expect(Buffer.compare(chip.flash.read(0x3fc000, 4_096), noisyBytes(4_096, 10))).toBe(0);
    expect(report.digestsActual.map(({ address }) => address)).toEqual([0, 0x3fc000]);
  });

  test('an empty module is written whole', async () => {
    const bench = new VirtualBench();
    bench.insert();
    const { report } = await bench.run(skipping);
    expect(report).toMatchObject({ outcome: 'PASS', bytesSkipped: 0, retries: 0 });
  });
});

describe('a nest remembers its link', () => {
  test('a rate that fails is not tried again by the next run, which counts as marginal', async () => {
    const memory = new LinkMemory();
    const bench = new VirtualBench();
    const misbehave = [{ kind: 'baudChangeFails', aboveBaud: 921_600 }] as const;
    bench.insert({ misbehave });
    const first = await bench.run(job, { baud: 2_000_000, memory });
    expect(first.report).toMatchObject({ outcome: 'PASS', baud: 921_600, marginal: true });
    expect(first.report.retries).toBeGreaterThan(0);
    bench.replace({ misbehave });
    const second = await bench.run(job, { baud: 2_000_000, memory });
    expect(second.report).toMatchObject({ outcome: 'PASS', baud: 921_600, retries: 0, marginal: true });
    expect(second.ms).toBeLessThan(first.ms);
  });

  test('a good run at the wanted rate is not marginal', async () => {
    const bench = new VirtualBench();
    bench.insert();
    expect((await bench.run(job)).report).toMatchObject({ outcome: 'PASS', baud: 921_600, marginal: false });
  });
});

test('a module that is taken away while it is written is told apart from a bad link in bounded time', async () => {
  const bench = new VirtualBench();
  bench.insert();
  const { report, ms } = await bench.run(job, { events: [{ at: 'write', afterMs: 250, do: () => bench.remove() }] });
  expect(report).toMatchObject({ outcome: 'FAIL', code: 'W02', phase: 'write', dirty: true });
  expect(ms).toBeLessThan(12_000);
});

test('another module that answers after a reset in the middle is not written on', async () => {
  const bench = new VirtualBench();
  const first = bench.insert({ mac: '5c:cf:7f:00:00:01' });
  let second = first;
  const swap = (): void => {
    second = bench.replace({ mac: '5c:cf:7f:00:00:02' });
  };
  const { report } = await bench.run(job, { events: [{ at: 'write', afterMs: 250, do: swap }] });
  expect(report).toMatchObject({ outcome: 'FAIL', identity: { mac: '5c:cf:7f:00:00:01' } });
  expect(second).not.toBe(first);
  expect(second.flash.read(0, 64).every((byte) => byte === 0xff)).toBe(true);
});
