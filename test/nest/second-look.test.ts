import { describe, expect, test } from 'vitest';
import { LinkMemory } from '../../src/nest/link-memory.ts';
import { w25q32 } from '../../src/simulator/flash-timing.ts';
import type { Misbehaviour } from '../../src/simulator/misbehaviour.ts';
import { benchJob, bootableImage } from '../support/bench-job.ts';
import { noisyBytes } from '../support/regions.ts';
import { holdsJob, VirtualBench } from '../support/virtual-bench.ts';

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
