import { describe, expect, test } from 'vitest';
import { LinkMemory } from '../../../src/nest/module/link-memory.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { noisyBytes } from '../../support/regions.ts';
import { holdsJob, VirtualBench } from '../../support/virtual-bench.ts';

const image = bootableImage(20_000);
const [first, other] = [noisyBytes(8_192, 1), noisyBytes(8_192, 2)];
const neighbour = noisyBytes(8_192, 3);
const jobOf = (data: Uint8Array, skip: 'same' | 'none') =>
  benchJob({
    regions: [
      [0, image],
      [0x110000, data],
      [0x118000, neighbour],
    ],
    skip,
  });

describe('a request to begin that was damaged on its way', () => {
  // Its words have no checksum: bytes 12 and 13 of the frame are those of the size, byte 24 is one of the address.
  test.for([12, 13, 24])('at byte %i, never leaves a skipped region destroyed under a green lamp', async (nth) => {
    const bench = new VirtualBench();
    const chip = bench.insert();
    expect((await bench.run(jobOf(first, 'none'))).report.outcome).toBe('PASS');
    const job = jobOf(other, 'same');
    let struck = false;
    const damage = (): void => {
      if (!struck) chip.misbehave({ kind: 'corruptReceivedByte', nth });
      struck = true;
    };
    const { report } = await bench.run(job, { events: [{ at: 'write', do: damage }] });
    expect(report.retries).toBeGreaterThan(0);
    expect(report).toMatchObject({ outcome: 'PASS', marginal: true });
    expect(holdsJob(chip, job)).toBe(true);
  });

  test('in the second write too, is found out', async () => {
    const bench = new VirtualBench();
    const chip = bench.insert({ flash: { ...w25q32, content: noisyBytes(0x200000, 3) } });
    const job = jobOf(first, 'none');
    let writes = 0;
    let done = false;
    const { report } = await bench.run(job, {
      hooks: {
        phase: (phase) => {
          if (phase !== 'write') return;
          writes += 1;
          if (writes === 2) chip.misbehave({ kind: 'corruptReceivedByte', nth: 12 });
        },
        progress: (share) => {
          if (share < 0.5 || done) return;
          done = true;
          chip.misbehave({ kind: 'corruptReceivedByte', nth: 14 + 24 });
        },
      },
    });
    expect(report.outcome === 'PASS').toBe(holdsJob(chip, job));
  });
});

describe('what another command leaves behind', () => {
  test.for([26, 30, 31])('a request to erase that was damaged at byte %i of what follows', async (nth) => {
    const regionsOf = (seed: number): [number, Uint8Array][] => {
      const data = new Uint8Array(0x20000).fill(0xff);
      data.set(noisyBytes(0x10000, seed));
      return [
        [0, image],
        [0x100000, data],
        [0x150000, neighbour],
      ];
    };
    const bench = new VirtualBench();
    const chip = bench.insert();
    await bench.run(benchJob({ regions: regionsOf(1) }));
    const job = benchJob({ regions: regionsOf(2), skip: 'same' });
    let struck = false;
    const { report } = await bench.run(job, {
      hooks: {
        progress: (share) => {
          if (share < 0.5 || struck) return;
          struck = true;
          chip.misbehave({ kind: 'corruptReceivedByte', nth });
        },
      },
    });
    expect(report.outcome === 'PASS').toBe(holdsJob(chip, job));
  });

  test('a digest that comes late does not stand for the next region', async () => {
    const same = noisyBytes(0x40000, 5);
    const job = benchJob({
      regions: [
        [0x10000, same],
        [0x110000, same],
      ],
      boot: 'off',
    });
    const bench = new VirtualBench();
    const stuckBit = { kind: 'stuckBit', address: 0x110100, bit: 3 } as const;
    const bit = same[0x100]! & 8;
    const chip = bench.insert({ misbehave: [bit === 0 ? { ...stuckBit, bit: lowestSet(same[0x100]!) } : stuckBit] });
    const late = (): void => chip.misbehave({ kind: 'delayReply', op: 0x13, nth: 1, ms: 3_100 });
    const { report } = await bench.run(job, { events: [{ at: 'verify', do: late }] });
    expect(holdsJob(chip, job)).toBe(false);
    expect(report).toMatchObject({ outcome: 'FAIL', code: 'V01' });
  });

  test('an image that went astray is erased again where everything was to be erased', async () => {
    const bench = new VirtualBench();
    const chip = bench.insert();
    const job = benchJob({ regions: [[0, image]], erase: 'all' });
    let struck = false;
    const damage = (): void => {
      if (!struck) chip.misbehave({ kind: 'corruptReceivedByte', nth: 24 });
      struck = true;
    };
    const { report } = await bench.run(job, { events: [{ at: 'write', do: damage }] });
    expect(report).toMatchObject({ outcome: 'PASS', marginal: true });
    expect(chip.flash.read(0x40000, 4096).every((byte) => byte === 0xff)).toBe(true);
    expect(holdsJob(chip, job)).toBe(true);
  });
});

function lowestSet(byte: number): number {
  return [0, 1, 2, 3, 4, 5, 6, 7].find((bit) => (byte & (1 << bit)) !== 0) ?? 0;
}

describe('a nest does not take a bad module for a bad link', () => {
  test.for<{ name: string; misbehave: Misbehaviour; code: string }>([
    { name: 'dies while it is written', misbehave: { kind: 'dieAfterDataBlocks', count: 1 }, code: 'W02' },
    { name: 'has no flash', misbehave: { kind: 'flashAbsent' }, code: 'F01' },
    { name: 'does not start its RAM loader', misbehave: { kind: 'loaderStartFails' }, code: 'F06' },
    { name: 'has a bad bit', misbehave: { kind: 'stuckBit', address: 0x100, bit: 4 }, code: 'V01' },
  ])('that $name', async ({ misbehave, code }) => {
    const memory = new LinkMemory();
    const bench = new VirtualBench();
    for (let module = 0; module < 3; module += 1) {
      bench.replace({ misbehave: [misbehave] });
      expect((await bench.run(jobOf(first, 'none'), { memory })).report.code).toBe(code);
    }
    expect(memory.baud(921_600)).toBe(921_600);
    expect(memory.syncBaud(921_600)).toBe(921_600);
  });
});

test('write protection is taken off only after the run was recorded as writing', async () => {
  const bench = new VirtualBench();
  const chip = bench.insert({ flash: { ...w25q32, statusRegister: 0x1c } });
  const refuse = (): void => {
    throw new Error('The row could not be written.');
  };
  const refused = await bench.run(jobOf(first, 'none'), { hooks: { identified: refuse } });
  expect(refused.report).toMatchObject({ outcome: 'ERROR', dirty: false });
  expect(chip.flash.status & 0x1c).toBe(0x1c);
  expect((await bench.run(jobOf(first, 'none'))).report.outcome).toBe('PASS');
  expect(chip.flash.status & 0x1c).toBe(0);
});

test('write protection stays where nothing has to be written', async () => {
  const bench = new VirtualBench();
  const content = new Uint8Array(0x200000).fill(0xff);
  for (const { address, data } of jobOf(first, 'same').regionsFor(w25q32.bytes)) content.set(data, address);
  const chip = bench.insert({ flash: { ...w25q32, content, statusRegister: 0x1c } });
  const { report } = await bench.run(jobOf(first, 'same'));
  expect(report).toMatchObject({ outcome: 'PASS', bytesSent: 0, dirty: false });
  expect(chip.flash.status & 0x1c).toBe(0x1c);
});

test('one damaged answer does not take the protection bits for set', async () => {
  const bench = new VirtualBench();
  const chip = bench.insert({ flash: { ...w25q32, statusRegister: 0x40 } });
  const damage = (): void => chip.misbehave({ kind: 'byteFault', direction: 'sent', what: 'corrupt', nth: 210 });
  await bench.run(jobOf(first, 'none'), { events: [{ at: 'identify', do: damage }] });
  expect(chip.flash.status & 0x40).toBe(0x40);
});

test('a module that had everything teaches the nest nothing about its link', async () => {
  const memory = new LinkMemory();
  memory.learn({ wantedBaud: 921_600, baud: 460_800, troubled: true });
  const bench = new VirtualBench();
  bench.insert();
  await bench.run(jobOf(first, 'none'), { memory });
  for (let run = 0; run < 22; run += 1) await bench.run(jobOf(first, 'same'), { memory });
  expect(memory.baud(921_600)).toBe(460_800);
});
