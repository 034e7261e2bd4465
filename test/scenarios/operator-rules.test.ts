import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { alternates, lit, StationBench, usualJob } from '../support/station-bench.ts';
import type { StationBenchOptions } from '../support/station-bench.ts';

/** A button that is stuck soon: nobody waits five seconds here. */
const soonStuck: StationBenchOptions = {
  setup: ({ nests }) => ({ nests: nests.map((nest) => ({ ...nest, stuckAfterMs: 300 })) }),
};

/** The next state of a nest with this name. */
async function becomes(bench: StationBench, name: string, nest = 1): Promise<{ readonly code: string | null }> {
  return (await bench.next('nestState', ({ state }) => state.nest === nest && state.state === name)).state;
}

const runsStarted = (bench: StationBench): number => bench.events.filter(({ kind }) => kind === 'runStarted').length;

describe('rule 4: the same module once more', () => {
  test('right after its pass is ALREADY DONE: nothing is written or counted, and the operator sees it', async () => {
    await using bench = await StationBench.open();
    const chip = bench.insert();
    expect((await bench.run()).outcome).toBe('PASS');
    const programmed = chip.flash.programmed.length;
    const blocked = becomes(bench, 'blocked');
    await bench.press();
    expect(await blocked).toMatchObject({ code: 'D05', runId: null });
    expect(chip.flash.programmed.length).toBe(programmed);
    expect(await bench.told('blocked-start')).toMatchObject([{ code: 'D05', nest: 1 }]);
    expect(bench.station.ledger.runs().map(({ seq }) => seq)).toEqual([1]);
    bench.insert();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', seq: 2 });
  });

  test('is still ALREADY DONE after a restart of the station', async () => {
    using folder = temporaryFolder();
    for (const outcome of ['passed', 'blocked']) {
      await using bench = await StationBench.open({ folder: folder.path });
      bench.insert();
      const ended = becomes(bench, outcome);
      await bench.press();
      await ended;
    }
  });

  test('is flashed again when another job has been written over what had passed', async () => {
    using folder = temporaryFolder();
    const other = usualJob.replace('0x20000', '0x30000');
    const seen: unknown[] = [];
    for (const jobText of [usualJob, other, usualJob]) {
      // Each has the approval of its own name.
      const setup = (): object => ({ job: jobText === usualJob ? 'usual' : 'other' });
      await using bench = await StationBench.open({ folder: folder.path, jobText, setup });
      bench.insert();
      const { outcome, mac, seq, reflash } = await bench.run();
      seen.push([outcome, mac, seq, reflash]);
    }
    const mac = '5c:cf:7f:00:00:01';
    expect(seen).toEqual([
      ['PASS', mac, 1, 0],
      ['PASS', mac, 2, 0],
      ['PASS', mac, 3, 1],
    ]);
  });

  test('is flashed where the job allows it, as a reflash', async () => {
    await using bench = await StationBench.open({ jobText: `${usualJob}policy: { reflash: allow }\n` });
    bench.insert();
    await bench.run();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS', seq: 2, reflash: 1, attempt: null });
  });
});

describe('rule 5: a button that is held', () => {
  test('is told and alarmed, hides the green after a while, and lets the nest go when it is free', async () => {
    await using bench = await StationBench.open(soonStuck);
    bench.insert();
    const passed = becomes(bench, 'passed');
    const blocked = becomes(bench, 'blocked');
    bench.nest().press();
    await passed;
    expect(lit(bench.nest())).toEqual(['pass']);
    expect(await bench.told('button-stuck')).toMatchObject([{ code: 'O04', nest: 1 }]);
    expect(bench.bench.faultWire.level).toBe('high');
    expect(await blocked).toMatchObject({ code: 'O04' });
    expect(await alternates(bench.nest())).toEqual(expect.arrayContaining(['fail', 'busy']));
    const ready = becomes(bench, 'ready');
    bench.nest().release();
    await ready;
    expect([lit(bench.nest()).includes('pass'), bench.bench.faultWire.level]).toEqual([false, 'low']);
    expect(runsStarted(bench)).toBe(1);
  });

  test('at power-up blocks its nest from the start, and only that one', async () => {
    await using bench = await StationBench.open({
      nests: 2,
      beforeStart: (nests) => nests.nest(1).press(),
      setup: ({ nests }) => ({ nests: nests.map((nest) => ({ ...nest, stuckAfterMs: 5_000 })) }),
    });
    bench.insert({}, 1);
    bench.insert({}, 2);
    expect(await bench.run(2)).toMatchObject({ outcome: 'PASS' });
    expect(bench.station.nests[0]?.state).toMatchObject({ name: 'blocked', fault: { code: 'O04' } });
    const ready = becomes(bench, 'ready');
    bench.nest(1).release();
    await ready;
    expect(await bench.run(1)).toMatchObject({ outcome: 'PASS' });
  });
});

test('rule 7: a lid switch may stay closed for a whole shift', async () => {
  await using bench = await StationBench.open({
    setup: ({ nests }) => ({ nests: nests.map((nest) => ({ ...nest, stuckAfterMs: null })) }),
  });
  bench.insert();
  const passed = becomes(bench, 'passed');
  bench.nest().press();
  await passed;
  await systemClock.sleep(500);
  expect([lit(bench.nest()), bench.bench.faultWire.level]).toEqual([['pass'], 'low']);
});

describe('a nest with a sensor', () => {
  test('is empty, refuses a press as C09 without a row, and is ready when the module is in', async () => {
    await using bench = await StationBench.open({ wiring: { present: true } });
    expect(bench.station.nests[0]?.state.name).toBe('empty');
    const blocked = becomes(bench, 'blocked');
    await bench.press();
    expect(await blocked).toMatchObject({ code: 'C09' });
    expect([runsStarted(bench), bench.outputs()]).toMatchObject([0, { rst: 'high', gpio0: 'high' }]);
    const ready = becomes(bench, 'ready');
    bench.insert();
    await ready;
    expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  });

  test('keeps its green until the module is taken out', async () => {
    await using bench = await StationBench.open({ wiring: { present: true } });
    const ready = becomes(bench, 'ready');
    bench.insert();
    await ready;
    await bench.run();
    expect(lit(bench.nest())).toEqual(['pass']);
    const empty = becomes(bench, 'empty');
    bench.nest().remove();
    await empty;
    expect(lit(bench.nest())).not.toContain('pass');
  });

  test('whose lid is opened in mid-write ends the run as O02, dirty', async () => {
    await using bench = await StationBench.open({ wiring: { present: true } });
    const ready = becomes(bench, 'ready');
    bench.insert();
    await ready;
    bench.inMidWrite(() => bench.nest().openLid());
    expect(await bench.run()).toMatchObject({ outcome: 'ABORTED', code: 'O02', dirty: 1 });
    bench.nest().closeLid();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  });
});

describe('the emergency stop', () => {
  test('aborts every run, and nothing starts until it is released and somebody has pressed once', async () => {
    await using bench = await StationBench.open({ nests: 2, estop: true, wiring: { power: true } });
    bench.insert({}, 1);
    bench.insert({}, 2);
    bench.inMidWrite(() => bench.bench.estop(true));
    const results = Promise.all([bench.next('runResult'), bench.next('runResult', ({ result }) => result.nest === 2)]);
    await Promise.all([bench.press(1), bench.press(2)]);
    for (const { result } of await results) expect(result).toMatchObject({ outcome: 'ABORTED', code: 'O01' });
    for (const nest of [1, 2]) {
      expect(bench.outputs(nest)).toMatchObject({ rst: 'high', gpio0: 'high' });
      expect(bench.nest(nest).wire('power').level).toBe('low');
    }
    expect(await bench.told('estop-pressed')).toMatchObject([{ nest: null, code: 'O01' }]);
    await bench.press(1);
    bench.bench.estop(false);
    await systemClock.sleep(100);
    expect(bench.station.nests.map(({ state }) => state.name)).toEqual(['blocked', 'blocked']);
    const started = runsStarted(bench);
    await bench.press(2);
    expect(bench.station.nests.map(({ state }) => state)).toMatchObject([
      { name: 'shown', outcome: 'ABORTED' },
      { name: 'shown', outcome: 'ABORTED' },
    ]);
    expect([runsStarted(bench), await bench.told('estop-acknowledged')]).toMatchObject([started, [{ nest: null }]]);
    expect(await bench.run(1)).toMatchObject({ outcome: 'PASS' });
    expect(await bench.run(2)).toMatchObject({ outcome: 'PASS' });
  });

  test('that is pressed at the start blocks every nest, over a broken wire as well', async () => {
    await using bench = await StationBench.open({ estop: true, beforeStart: (nests) => nests.estop(true) });
    bench.insert();
    expect(bench.station.nests[0]?.state).toMatchObject({ name: 'blocked', fault: { code: 'O01' } });
    await bench.press();
    expect([runsStarted(bench), bench.bench.faultWire.level]).toEqual([0, 'high']);
    bench.bench.estop(false);
    await systemClock.sleep(100);
    await bench.press();
    expect(await bench.run()).toMatchObject({ outcome: 'PASS' });
  });
});
