import { describe, expect, test } from 'vitest';
import type { FaultCode } from '../../src/foundation/faults.ts';
import { acceptPart, releaseModule } from '../../src/nest/identity/standing-modules.ts';
import type { RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { efusesForMac, esp8285EfusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32, w25q32Timing } from '../../src/simulator/flash/flash-timing.ts';
import { failed, finishedAt, identity, opening, silent, temporaryFolder } from '../ledger/runs.ts';
import { behaviour } from '../support/behaviour.ts';
import { lit, StationBench, usualJob } from '../support/station-bench.ts';

const mac = '5c:cf:7f:a4:f1:5c';
const efuses = efusesForMac(mac);
const otherFlash = { ...w25q32, id: 0x1640c8 };
const withPolicy = (policy: string): string => `${usualJob}policy: ${policy}\n`;

/** A module that must not be touched: what the press comes to, by lamp and code. */
async function refusedAs(bench: StationBench, code: FaultCode): Promise<string> {
  const seq = bench.station.ledger.lastSeq();
  const refused = bench.next('notice', ({ notice }) => notice.kind === 'blocked-start');
  await bench.press();
  const { notice } = await refused;
  expect(notice.code).toBe(code);
  expect(bench.station.ledger.lastSeq()).toBe(seq);
  return notice.detail;
}

/** A run that the record has of the module. */
function record(bench: StationBench, report: Partial<RunReport>, changes: Partial<RunOpening> = {}): void {
  const { ledger, job } = bench.station;
  const runId = `earlier ${ledger.lastSeq()}`;
  ledger.openRun(opening(runId, { operation: job?.operation ?? '', nest: 2, ...changes }));
  ledger.closeRun(runId, failed({ identity: { ...identity, mac }, ...report }), { finishedAt });
}

function release(bench: StationBench): void {
  releaseModule(bench.station.ledger.standing, mac, 'anna');
}

describe('two modules with one MAC', () => {
  behaviour(
    'duplicate MAC on two nests at once',
    'both are D04, and so is every later run until the MAC is released',
    async () => {
      await using bench = await StationBench.open({ nests: 2 });
      bench.insert({ efuses }, 1);
      bench.insert({ efuses }, 2);
      const results = Promise.all([1, 2].map((nest) => bench.next('runResult', ({ result }) => result.nest === nest)));
      await Promise.all([bench.press(1), bench.press(2)]);
      for (const { result } of await results) expect(result).toMatchObject({ outcome: 'FAIL', code: 'D04', mac });
      for (const nest of [1, 2]) expect(lit(bench.nest(nest))).not.toContain('pass');
      expect(await bench.told('duplicate-mac')).toMatchObject([{ code: 'D04' }]);
      const alarm = (): unknown => bench.consumer.on('jigd/bench/alarm/duplicate-mac').at(-1);
      await bench.consumer.until(() => alarm() !== undefined && alarm() !== null);
      expect(alarm()).toMatchObject({ code: 'D04' });

      expect(await bench.run(1)).toMatchObject({ outcome: 'FAIL', code: 'D04', dirty: 0 });
      bench.nest(1).remove();
      release(bench);
      expect(await bench.run(2)).toMatchObject({ outcome: 'PASS', mac });
    },
  );

  test('of which one has passed and is still in by its sensor: its green goes, its record stays', async () => {
    await using bench = await StationBench.open({ nests: 2, wiring: { present: true } });
    bench.insert({ efuses }, 1);
    bench.insert({ efuses }, 2);
    const ready = () => bench.station.nests.every(({ state }) => state.name !== 'empty');
    if (!ready()) await bench.next('nestState', ready);
    expect(await bench.run(1)).toMatchObject({ outcome: 'PASS' });
    expect(lit(bench.nest(1))).toEqual(['pass']);
    expect(await bench.run(2)).toMatchObject({ outcome: 'FAIL', code: 'D04', dirty: 0 });
    expect(bench.station.nests[0]?.state).toMatchObject({ name: 'refused', fault: { code: 'D04' } });
    expect(lit(bench.nest(1))).not.toContain('pass');
    expect(bench.station.ledger.runs().map(({ outcome }) => outcome)).toEqual(['FAIL', 'PASS']);
    const [hold] = bench.station.ledger.standing.of('hold', mac);
    expect(hold?.detail).toMatch(/nest 1 and on nest 2 at the same moment\. One earlier run has it, 1 passed\.$/);
  });

  test('of which one was taken out by its sensor is the same module on another nest: ALREADY DONE', async () => {
    await using bench = await StationBench.open({ nests: 2, wiring: { present: true } });
    const chip = bench.insert({ efuses }, 1);
    if (bench.station.nests[0]?.state.name === 'empty') await bench.next('nestState');
    await bench.run(1);
    const empty = bench.next('nestState', ({ state }) => state.nest === 1 && state.state === 'empty');
    bench.nest(1).remove();
    await empty;
    const ready = bench.next('nestState', ({ state }) => state.nest === 2 && state.state === 'ready');
    bench.nest(2).insert(chip);
    await ready;
    const refused = bench.next('notice', ({ notice }) => notice.kind === 'blocked-start');
    await bench.press(2);
    expect((await refused).notice.code).toBe('D05');
    expect(bench.station.ledger.standing.of('hold')).toEqual([]);
    // A moment after its pass: told, and nothing else.
    expect(await bench.told('duplicate-mac')).toMatchObject([{ nest: 2, code: 'D04' }]);
  });

  test('with another flash are D04, also after a restart, until the MAC is released', async () => {
    using folder = temporaryFolder();
    {
      await using bench = await StationBench.open({ folder: folder.path });
      bench.insert({ efuses });
      expect(await bench.run()).toMatchObject({ outcome: 'PASS', flash_id: 'ef4016' });
      const chip = bench.insert({ efuses, flash: otherFlash });
      expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'D04', dirty: 0, flash_id: 'c84016' });
      expect(chip.flash.programmed).toEqual([]);
    }
    await using bench = await StationBench.open({ folder: folder.path });
    await bench.consumer.until((heard) => heard.some(({ topic }) => topic === 'jigd/bench/alarm/duplicate-mac'));
    bench.insert({ efuses });
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'D04' });
    release(bench);
    bench.insert({ efuses, flash: otherFlash });
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', flash_id: 'c84016' });
  });
});

describe('another part than was ordered is not written', () => {
  test.for([
    { ordered: 'esp8266ex', efuses: esp8285EfusesForMac(mac), code: 'D02' },
    { ordered: 'esp8285', efuses, code: 'D02' },
  ])('$ordered was ordered', async ({ ordered, efuses: read, code }) => {
    await using bench = await StationBench.open({ jobText: withPolicy(`{ variant: ${ordered} }`) });
    const chip = bench.insert({ efuses: read });
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code, mac, phase: 'identify', dirty: 0 });
    expect(chip.flash.programmed).toEqual([]);
  });

  test('1 MB in a 4 MB job is F03', async () => {
    await using bench = await StationBench.open();
    const chip = bench.insert({ flash: { id: 0x1440ef, bytes: 1_048_576, timing: w25q32Timing } });
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'F03', phase: 'identify', dirty: 0 });
    expect(chip.flash.programmed).toEqual([]);
  });

  test('an unknown part is F02 until it is accepted for the product', async () => {
    await using bench = await StationBench.open({ jobText: withPolicy("{ flashIds: ['ef4016'] }") });
    const chip = bench.insert({ flash: otherFlash });
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'F02', dirty: 0 });
    expect(chip.flash.programmed).toEqual([]);
    const { ledger, nests } = bench.station;
    acceptPart(ledger.standing, 'another product', 'c84016', 'anna');
    // The nest may be locked for it; that is another matter than the part.
    nests[0]?.unblock('locked');
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'F02' });
    acceptPart(ledger.standing, 'bench-module', 'c84016', 'anna');
    nests[0]?.unblock('locked');
    // The failures for its part are no tries of it.
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', flash_id: 'c84016', attempt: 3 });
  });
});

test('a module that is taken out during the boot check gets no green, and neither does the next, where a sensor sees it', async () => {
  await using bench = await StationBench.open({
    wiring: { present: true },
    jobText: `${usualJob}boot: { baud: 115200, expect: 'never', within: 10s }\n`,
  });
  bench.insert({ efuses });
  if (bench.station.nests[0]?.state.name === 'empty') await bench.next('nestState');
  void bench.next('nestState', ({ state }) => state.phase === 'boot').then(() => bench.nest().openLid());
  expect(await bench.run()).toMatchObject({ outcome: 'ABORTED', code: 'O02', mac, phase: 'boot' });
  expect(lit(bench.nest())).not.toContain('pass');
});

describe('a module that has failed', () => {
  test.for<{ name: string; attempts: number; codes: readonly FaultCode[]; says: string | null }>([
    { name: 'less often than the job allows', attempts: 3, codes: ['C06', 'W02'], says: null },
    { name: 'as often as the job allows', attempts: 3, codes: ['C06', 'W02', 'V02'], says: '3 times (C06, W02, V02)' },
    { name: 'with R once', attempts: 3, codes: ['V01'], says: null },
    { name: 'and once more with R once', attempts: 3, codes: ['C06', 'V01'], says: '2 times (C06, V01)' },
    { name: 'with Q', attempts: 3, codes: ['V04'], says: 'once (V04)' },
  ])('$name: $says', async ({ attempts, codes, says }) => {
    await using bench = await StationBench.open({ jobText: withPolicy(`{ attempts: ${attempts} }`) });
    for (const code of codes) record(bench, { code });
    const chip = bench.insert({ efuses });
    if (says !== null) {
      expect(await refusedAs(bench, 'D09')).toContain(`has failed ${says}; "jigd release ${mac}"`);
      expect(chip.flash.programmed).toEqual([]);
      expect(lit(bench.nest())).not.toContain('busy');
      release(bench);
    }
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', attempt: codes.length + 1 });
  });

  test('without having been identified, or in a golden run, is not counted', async () => {
    await using bench = await StationBench.open({ jobText: withPolicy('{ attempts: 1 }') });
    record(bench, silent());
    record(bench, { code: 'V04' }, { mode: 'golden' });
    bench.insert({ efuses });
    expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  });

  test('is red for good after the last try, and is not told to press again', async () => {
    await using bench = await StationBench.open({
      jobText: `${usualJob.replace('4MB', 'detect')}boot: { baud: 115200, expect: 'never', within: 1s }\n`,
    });
    bench.insert({ efuses });
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'B07' });
    expect(bench.station.nests[0]?.state).not.toHaveProperty('triesLeft');
    expect(await bench.run()).toMatchObject({ outcome: 'FAIL', code: 'B07' });
    expect(bench.station.nests[0]?.state).toMatchObject({ name: 'shown', triesLeft: false });
    expect(await refusedAs(bench, 'D09')).toContain('2 times (B07, B07)');
  });
});
