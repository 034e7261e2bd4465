import { describe, expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import type { DuplicateMacs, Disown } from '../../src/nest/identity/duplicate-macs.ts';
import { efusesForMac } from '../../src/simulator/chip/efuses.ts';
import { w25q32, w25q32Timing } from '../../src/simulator/flash/flash-timing.ts';
import { job, NestBench } from '../support/nest-bench.ts';
import { rememberedDuplicates } from '../support/duplicates.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';

const mac = '5c:cf:7f:a4:f1:5c';

/** A nest with a hand on what another nest would say of its module. */
async function open(parts: Parameters<typeof NestBench.open>[0] = {}) {
  let disown: Disown = () => undefined;
  const duplicates: DuplicateMacs = rememberedDuplicates(systemClock);
  const join = duplicates.join.bind(duplicates);
  duplicates.join = (nest, each) => {
    disown = each;
    join(nest, each);
  };
  const bench = await NestBench.open({ duplicates, ...parts });
  return { bench, duplicates, disown: () => disown(new StationError('D04', 'Two of them.')) };
}

describe('a module whose MAC another nest has', () => {
  test('is put out of its green, while its record stands', async () => {
    const { bench, disown } = await open();
    await using _ = bench;
    bench.insert();
    bench.nest.start(false);
    bench.nest.press();
    await bench.until('shown');
    expect(bench.lit()).toEqual(['pass']);
    disown();
    expect(bench.nest.state).toMatchObject({ name: 'refused', fault: { code: 'D04' } });
    expect(bench.lit()).toEqual(['fail']);
    expect(bench.reports.map(({ outcome }) => outcome)).toEqual(['PASS']);
  });

  test('ends its run as D04 in the middle of the writing, dirty', async () => {
    const { bench, disown } = await open();
    await using _ = bench;
    bench.insert();
    bench.nest.start();
    bench.onEvent = (event) => {
      if (event.kind === 'nestState' && (event.state.progress ?? 0) > 0) disown();
    };
    bench.nest.press();
    await bench.until('shown');
    expect(bench.reports).toMatchObject([{ outcome: 'FAIL', code: 'D04', dirty: true, identity: { mac } }]);
    expect(bench.nest.state).toMatchObject({ outcome: 'FAIL', fault: { code: 'D04' } });
  });

  test('is no pass when that becomes known between the end of the session and the record', async () => {
    const { bench, duplicates, disown } = await open();
    await using _ = bench;
    let judged = false;
    duplicates.heard = () => {
      // The last word before the record is asked for at the very end, when all phases are over.
      if (bench.nest.state.name !== 'closing') return;
      judged = true;
      disown();
    };
    bench.insert();
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    expect([judged, bench.lit().includes('pass')]).toEqual([true, false]);
    expect(bench.reports).toMatchObject([{ outcome: 'FAIL', code: 'D04' }]);
  });

  test('does not end a run that does not know yet which module it has', async () => {
    const { bench, disown } = await open();
    await using _ = bench;
    bench.insert();
    bench.nest.start(false);
    bench.onEvent = (event) => {
      if (event.kind === 'nestState' && event.state.phase === 'connect') disown();
    };
    bench.nest.press();
    await bench.until('shown');
    expect(bench.reports).toMatchObject([{ outcome: 'PASS' }]);
  });
});

describe('what was ordered is looked at before the row is writing', () => {
  const ordered = { ...job, flash: { ...job.flash, size: 4_194_304 } };

  test('a flash that is too small is F03', async () => {
    await using bench = await NestBench.open({ currentJob: () => ordered });
    const chip = bench.insert({ flash: { id: 0x1440ef, bytes: 1_048_576, timing: w25q32Timing } });
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    expect(bench.reports).toMatchObject([{ outcome: 'FAIL', code: 'F03', phase: 'identify', dirty: false }]);
    expect(bench.story).not.toContain('row writing');
    expect(chip.flash.programmed).toEqual([]);
  });

  test('a part that is not allowed is F02', async () => {
    const policy = { ...job.policy, flashIds: ['204016'] };
    await using bench = await NestBench.open({ currentJob: () => ({ ...job, policy }) });
    const chip = bench.insert({ flash: w25q32 });
    bench.nest.start();
    bench.nest.press();
    await bench.until('shown');
    expect(bench.reports).toMatchObject([{ outcome: 'FAIL', code: 'F02', phase: 'identify', dirty: false }]);
    expect([bench.story.includes('row writing'), chip.flash.programmed]).toEqual([false, []]);
  });
});

describe('the tries of a module', () => {
  test('that are used up refuse the next press as D09, with red that says: do not try again', async () => {
    await using bench = await NestBench.open();
    bench.failures = ['V01', 'C06'];
    const chip = bench.insert();
    bench.nest.start();
    bench.nest.press();
    await bench.until('refused');
    expect(bench.nest.state).toMatchObject({ fault: { code: 'D09' } });
    expect(bench.refusals).toMatchObject([{ code: 'D09', identity: { mac } }]);
    expect(bench.notices()).toEqual(['blocked-start D09']);
    expect(chip.flash.programmed).toEqual([]);
    expect(bench.lit()).toEqual(['fail']);
  });

  test.for([
    { before: [], triesLeft: undefined },
    { before: ['C06'] as const, triesLeft: false },
  ])('after $before, the verdict of another failure says whether one is left', async ({ before, triesLeft }) => {
    const failures = [...before];
    await using bench = await NestBench.open({
      currentJob: () => ({ ...job, boot: { ...bootThatFails } }),
    });
    bench.failures = failures;
    bench.insert({ efuses: efusesForMac(mac) });
    bench.nest.start();
    bench.onEvent = (event) => {
      if (event.kind === 'nestState' && event.state.phase === 'boot') bench.failures = ['B07', ...before];
    };
    bench.nest.press();
    await bench.until('shown');
    const { state } = bench.nest;
    expect(state.name === 'shown' ? [state.outcome, state.triesLeft] : state).toEqual(['FAIL', triesLeft]);
  });
});

const bootThatFails = {
  baud: 115_200,
  expect: /never printed/,
  version: null,
  forbid: null,
  fail: null,
  withinMs: 200,
  dialogue: [],
};
