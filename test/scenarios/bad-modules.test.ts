import { describe, expect, test } from 'vitest';
import { faultKind } from '../../src/foundation/faults.ts';
import type { FaultCode } from '../../src/foundation/faults.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import type { ChipOptions } from '../../src/simulator/chip/chip-options.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { alternates, lit, StationBench } from '../support/station-bench.ts';

const kib = 1024;
/** The next module on a nest that has just refused another one must pass. */
async function nextOnePasses(bench: StationBench): Promise<void> {
  const before = bench.station.ledger.lastSeq();
  bench.insert();
  // Codes that stop the nest have locked it; the rule comes behind the result.
  bench.station.alarms.locks.unlock(1, 'technician');
  expect(await bench.run()).toMatchObject({ outcome: 'PASS', code: null, seq: before + 1 });
  expect(bench.outputs()).toEqual({ rst: 'high', gpio0: 'high', lit: ['pass'] });
}

/** The consumer and the ledger have the same, and the result carries the names that belong to its code. */
async function isRecorded(bench: StationBench, result: RunResult, code: FaultCode): Promise<void> {
  const { name, attribution } = faultKind(code);
  expect(result).toMatchObject({ code, code_name: name, attribution, pass: 0, seq: 1 });
  expect(bench.station.ledger.runs()[0]).toEqual(result);
  expect((await bench.received(1))[0]).toEqual(result);
}

interface BadModule {
  readonly name: string;
  readonly code: FaultCode;
  readonly chip: Partial<ChipOptions>;
  readonly seen: Partial<RunResult>;
}

const unknown: Partial<RunResult> = {
  mac: null,
  flash_id: null,
  digest_expected: null,
  dirty: 0,
  unit: expect.stringMatching(/^\?/) as string,
};

describe.concurrent('a bad module is recorded with its code, lights red, and the next one passes', () => {
  test.for<BadModule>([
    {
      name: 'silent',
      code: 'C01',
      chip: { misbehave: [{ kind: 'silent' }] },
      seen: { phase: 'connect', ...unknown },
    },
    {
      name: 'one that stays in its firmware',
      code: 'C02',
      chip: { misbehave: [{ kind: 'stuckGpio0', level: 'high' }] },
      seen: { phase: 'connect', ...unknown },
    },
    {
      name: 'of another family',
      code: 'D01',
      chip: { detectValue: 0x00f0_1d83 },
      seen: { phase: 'identify', ...unknown },
    },
    {
      name: 'with too little flash',
      code: 'F03',
      chip: { flash: { ...w25q32, id: 0x1440ef, bytes: 1024 * kib } },
      seen: { phase: 'identify', mac: '5c:cf:7f:00:00:01', flash_id: 'ef4014', flash_bytes: 1024 * kib, dirty: 0 },
    },
    {
      name: 'without flash',
      code: 'F01',
      chip: { misbehave: [{ kind: 'flashAbsent' }] },
      seen: { phase: 'identify', mac: '5c:cf:7f:00:00:01', flash_id: null, dirty: 0 },
    },
    {
      name: 'whose flash cannot hold a 1',
      code: 'V01',
      // Bit 0 of the magic 0xe9.
      chip: { misbehave: [{ kind: 'stuckBit', address: 0x20000, bit: 0 }] },
      seen: { phase: 'verify', mac: '5c:cf:7f:00:00:01', dirty: 1, boot_mode: null },
    },
  ])('$name: $code', async ({ code, chip, seen }) => {
    await using bench = await StationBench.open();
    bench.insert(chip);
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'FAIL', ...seen });
    expect(lit(bench.nest())).toEqual(['fail']);
    await isRecorded(bench, result, code);
    if (code === 'V01') expect(result.digest_actual).not.toBe(result.digest_expected);
    await nextOnePasses(bench);
  });

  test('lifted in mid-write: the contact was lost, and the module is half-programmed', async () => {
    await using bench = await StationBench.open();
    bench.insert({ misbehave: [{ kind: 'dieAfterDataBlocks', count: 2 }] });
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'FAIL', attribution: 'C', phase: 'write', dirty: 1, attempt: 1 });
    expect(lit(bench.nest())).toEqual(['fail']);
    await isRecorded(bench, result, 'W02');
    await nextOnePasses(bench);
  });

  test('taken out in mid-write: no module is there any more, and the run ends as soon', async () => {
    await using bench = await StationBench.open();
    bench.insert();
    bench.inMidWrite(() => bench.nest().remove());
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'FAIL', phase: 'write', dirty: 1 });
    expect(lit(bench.nest())).toEqual(['fail']);
    await isRecorded(bench, result, 'W02');
    await nextOnePasses(bench);
  });
});

describe.concurrent('a fault of the station is no verdict on the module: red and yellow take turns', () => {
  test('a port that does not exist: S04', async () => {
    await using bench = await StationBench.open();
    bench.nest().unplugPort();
    bench.insert();
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'ERROR', phase: 'connect', dirty: 0, attempt: null });
    expect(new Set(await alternates(bench.nest()))).toEqual(new Set(['fail', 'busy']));
    await isRecorded(bench, result, 'S04');
    await bench.nest().replugPort();
    await nextOnePasses(bench);
  });

  test('an adapter that is unplugged in mid-write: S04, and the nest works again once it is back', async () => {
    await using bench = await StationBench.open();
    bench.insert();
    bench.inMidWrite(() => bench.nest().unplugPort());
    const result = await bench.run();
    expect(result).toMatchObject({ outcome: 'ERROR', phase: 'write', dirty: 1, attempt: null });
    expect(new Set(await alternates(bench.nest()))).toEqual(new Set(['fail', 'busy']));
    await isRecorded(bench, result, 'S04');
    await bench.nest().replugPort();
    await nextOnePasses(bench);
  });

  test('a bad nest does not hold up its neighbours', async () => {
    await using bench = await StationBench.open({ nests: 2 });
    bench.nest(1).unplugPort();
    bench.insert({}, 1);
    bench.insert({}, 2);
    const [bad, good] = await Promise.all([bench.run(1), bench.run(2)]);
    expect([bad.code, good.outcome]).toEqual(['S04', 'PASS']);
  });
});
