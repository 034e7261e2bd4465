import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '../../../src/firmware/job.ts';
import { LinkMemory } from '../../../src/nest/module/link-memory.ts';
import type { ChipOptions } from '../../../src/simulator/chip/chip-options.ts';
import { w25q32 } from '../../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../../src/simulator/chip/misbehaviour.ts';
import { benchJob } from '../../support/bench-job.ts';
import { noisyBytes } from '../../support/regions.ts';
import {
  SessionBench,
  application,
  banner,
  flashHolds,
  inRealTime,
  regions,
  table,
} from '../../support/session-bench.ts';

let bench: SessionBench;

beforeEach(async () => {
  bench = await SessionBench.open();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

const fault = (kind: Misbehaviour): Partial<ChipOptions> => ({ misbehave: [kind] });

describe('a fault', () => {
  test.for<{
    name: string;
    chip: Partial<ChipOptions>;
    code: string;
    phase: string;
    boot?: Job['boot'];
    mostMs?: number;
  }>([
    { name: 'a silent module', chip: fault({ kind: 'silent' }), code: 'C01', phase: 'connect', mostMs: 3_000 },
    {
      name: 'GPIO0 open',
      chip: fault({ kind: 'stuckGpio0', level: 'high' }),
      code: 'C02',
      phase: 'connect',
      mostMs: 3_000,
    },
    { name: 'a deaf module', chip: fault({ kind: 'deafRx' }), code: 'C03', phase: 'connect', mostMs: 3_000 },
    { name: 'another family', chip: { detectValue: 0x00f01d83 }, code: 'D01', phase: 'identify' },
    { name: 'an unknown vendor', chip: { efuses: [0x9100a000, 0x02021234, 0, 0] }, code: 'D03', phase: 'identify' },
    { name: 'no flash', chip: fault({ kind: 'flashAbsent' }), code: 'F01', phase: 'identify', mostMs: 5_000 },
    {
      name: 'a RAM loader that does not start',
      chip: fault({ kind: 'loaderStartFails' }),
      code: 'F06',
      phase: 'loader',
    },
    {
      name: 'a module that dies while writing',
      chip: fault({ kind: 'dieAfterDataBlocks', count: 1 }),
      code: 'W02',
      phase: 'write',
    },
    { name: 'a stuck bit', chip: fault({ kind: 'stuckBit', address: 0x2000, bit: 3 }), code: 'V01', phase: 'verify' },
    { name: 'a write-protected flash', chip: fault({ kind: 'writeProtected' }), code: 'V04', phase: 'verify' },
    { name: 'GPIO0 shorted', chip: fault({ kind: 'stuckGpio0', level: 'low' }), code: 'B02', phase: 'boot' },
    {
      name: 'an application that says nothing',
      chip: { application: { ...application, banner: '' } },
      code: 'B07',
      phase: 'boot',
      boot: { ...banner, withinMs: 300 },
    },
    {
      name: 'an older version',
      chip: { ...inRealTime, application: { ...application, banner: 'NodeMCU 2.3.0 ' } },
      code: 'B05',
      phase: 'boot',
      boot: { ...banner, version: '2.3.1' },
    },
    {
      name: 'a forbidden text',
      chip: { ...inRealTime, application: { ...application, banner: 'rf_cal[0] NodeMCU 2.3.1 ' } },
      code: 'B05',
      phase: 'boot',
      boot: banner,
    },
  ])('$name is $code in phase $phase', async ({ chip: options, code, phase, boot = 'header', mostMs = 20_000 }) => {
    const chip = bench.insert(options);
    const { report, phases } = await bench.run(benchJob({ regions, boot }));
    expect(report).toMatchObject({ outcome: 'FAIL', code, phase });
    expect(report.detail).toMatch(/\.$/);
    expect(phases.at(-1)).toBe(phase);
    expect(report.totalMs).toBeLessThan(mostMs);
    expect(report.dirty).toBe(['write', 'verify', 'boot'].includes(phase));
    expect(bench.levels()).toEqual(['high', 'high']);
    // A module that let the time for a block pass is asked once more whether it is still there.
    const aliveness = code === 'W02' ? /^A frame was sent before the reply to the one before/ : /^$/;
    expect(chip.violations.filter((violation) => !aliveness.test(violation))).toEqual([]);
  });

  test('an empty nest is C01 within three seconds', async () => {
    const { report } = await bench.run(benchJob({ regions }));
    expect(report).toMatchObject({ outcome: 'FAIL', code: 'C01', identity: {} });
    expect(report.totalMs).toBeLessThan(3_000);
  });

  test('an image that the ROM cannot start is B04', async () => {
    bench.insert();
    const { report } = await bench.run(benchJob({ regions: [[0, noisyBytes(8_192)]] }));
    expect(report).toMatchObject({ outcome: 'FAIL', code: 'B04', bootMode: '3,7' });
  });

  test('a smaller flash than the job expects is F03 before anything is written', async () => {
    const chip = bench.insert({ flash: { ...w25q32, id: 0x1440ef, bytes: 1024 * 1024 } });
    const { report, identities } = await bench.run(benchJob({ regions, flashSize: 4 * 1024 * 1024 }));
    expect(report).toMatchObject({ code: 'F03', dirty: false, phase: 'identify' });
    expect(identities).toHaveLength(1);
    expect(chip.flash.read(0, 16).every((byte) => byte === 0xff)).toBe(true);
  });

  test('a flash whose contents are not all what was meant keeps every digest in the report', async () => {
    bench.insert(fault({ kind: 'stuckBit', address: 0x10, bit: 0 }));
    const { report } = await bench.run(
      benchJob({
        regions: [
          [0, new Uint8Array(8_192).fill(0xfd)],
          [0x10000, table],
        ],
      }),
    );
    expect(report.code).toBe('V01');
    expect(report.digestsActual).toHaveLength(2);
    expect(report.digestsActual[1]).toEqual(report.digestsExpected[1]);
  });
});

describe('trouble that the station repairs', () => {
  const safeStart = new LinkMemory();
  safeStart.startedTooFast();

  test.for<{
    name: string;
    misbehave: Misbehaviour;
    wanted?: number;
    memory?: LinkMemory;
    baud: number;
    retries: number;
  }>([
    { name: 'a refused block is sent again', misbehave: { kind: 'badBlock', nth: 2 }, baud: 921_600, retries: 1 },
    {
      name: 'a lost register answer is asked again',
      misbehave: { kind: 'swallowAck', op: 0x0a, nth: 3 },
      baud: 921_600,
      retries: 1,
    },
    {
      name: 'a lost answer in the upload starts it again',
      misbehave: { kind: 'swallowAck', op: 0x07, nth: 2 },
      baud: 921_600,
      retries: 1,
    },
    {
      name: 'a rate that fails leads to the next lower one',
      misbehave: { kind: 'baudChangeFails', aboveBaud: 921_600 },
      wanted: 1_500_000,
      baud: 921_600,
      retries: 1,
    },
    {
      name: 'when every rate fails the first one stays',
      misbehave: { kind: 'baudChangeFails', aboveBaud: 115_200 },
      memory: safeStart,
      baud: 115_200,
      retries: 3,
    },
    {
      name: 'a lost answer to a block begins the region again',
      misbehave: { kind: 'swallowAck', op: 0x11, nth: 2 },
      baud: 921_600,
      retries: 1,
    },
    {
      name: 'a lost answer to the end begins the region again',
      misbehave: { kind: 'swallowAck', op: 0x12, nth: 1 },
      baud: 921_600,
      retries: 1,
    },
    {
      name: 'a flipped bit in the upload starts it again',
      misbehave: { kind: 'corruptReceivedByte', nth: 4_000 },
      baud: 921_600,
      retries: 1,
    },
  ])('$name', async ({ misbehave, wanted = 921_600, memory, baud, retries }) => {
    const chip = bench.insert({ misbehave: [misbehave] });
    const { report } = await bench.run(benchJob({ regions }), { baud: wanted, ...(memory && { memory }) });
    expect(report).toMatchObject({ outcome: 'PASS', baud, retries });
    expect(flashHolds(chip)).toBe(true);
  });
});
