import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StationError } from '../../../src/foundation/faults.ts';
import { powerDownMs, powerSettleMs } from '../../../src/nest/supply/switched-supply.ts';
import { SeededRandom } from '../../../src/simulator/seeded-random.ts';
import { benchJob, bootableImage } from '../../support/bench-job.ts';
import { phases, smallFlash } from '../../support/fault-cells.ts';
import { noisyBytes } from '../../support/regions.ts';
import { holdsJob, noLeaks, VirtualBench } from '../../support/virtual-bench.ts';
import type { VirtualRun } from '../../support/virtual-bench.ts';
import type { LineEdge, VirtualLine } from '../../support/virtual-socket.ts';

const regions = [
  [0, bootableImage(20_000)],
  [0x10000, noisyBytes(4_096, 5)],
] as const;
const job = benchJob({ regions });
const eraseJob = benchJob({ regions, erase: 'all' });

let bench: VirtualBench;

beforeEach(() => {
  bench = new VirtualBench('switched');
});

afterEach(() => bench.socket.chip?.dispose());

/** The changes after which a strap was driven although the module had no supply. */
function drivenUnfed(edges: readonly LineEdge[]): readonly LineEdge[] {
  const active = { rst: false, gpio0: false, power: false };
  return edges.filter((edge) => {
    active[edge.line] = edge.active;
    return !active.power && (active.rst || active.gpio0);
  });
}

/** How long the module was without supply before each power-up but the first, ms to the microsecond. */
function pauses(edges: readonly LineEdge[]): readonly number[] {
  const power = edges.filter(({ line }) => line === 'power');
  return power.flatMap(({ active, atMs }, index) => {
    const before = power[index - 1];
    return active && before !== undefined ? [Math.round((atMs - before.atMs) * 1_000) / 1_000] : [];
  });
}

function expectSafe({ leaks }: VirtualRun, about: string): void {
  expect(leaks, about).toEqual(noLeaks);
  expect(bench.socket.chip?.state, about).toBe('off');
  expect(drivenUnfed(bench.socket.edges), about).toEqual([]);
  expect(bench.failures, about).toEqual([]);
}

/** The line refuses one direction as long as the returned scope lasts. */
function refusing(line: VirtualLine, direction: boolean): Disposable {
  const set = line.set.bind(line);
  line.set = (active) => {
    if (active === direction) throw new StationError('S03', 'The line does not obey.');
    set(active);
  };
  return {
    [Symbol.dispose]: () => {
      line.set = set;
    },
  };
}

describe('a nest with a power line', () => {
  test('feeds a module for its run, resets it when the supply has settled, and passes it', async () => {
    const chip = bench.insert();
    expect(chip.state).toBe('off');
    const run = await bench.run(job);
    expect(run.report).toMatchObject({ outcome: 'PASS', retries: 0, bootMode: '3,7' });
    expect([holdsJob(chip, job), chip.violations]).toEqual([true, []]);
    expectSafe(run, 'passed');
    const { edges } = bench.socket;
    expect(edges.slice(0, 2)).toEqual([
      { atMs: powerDownMs, line: 'power', active: true },
      { atMs: powerDownMs + powerSettleMs, line: 'rst', active: true },
    ]);
    expect(edges.filter(({ line }) => line === 'power')).toHaveLength(2);
    expect(edges.at(-1)).toMatchObject({ line: 'power', active: false });
  });

  test('keeps it fed through the boot check, and does not reset it once more at the end', async () => {
    bench.insert();
    const { phases: seen } = await bench.run(job);
    expect(seen.at(-1)).toBe('boot');
    const resets = ({ line, active }: LineEdge): boolean => line === 'rst' && active;
    // Into the loader, and into the application for the check.
    expect(bench.socket.edges.filter(resets)).toHaveLength(2);
    bench.replace();
    bench.socket.edges.length = 0;
    expect((await bench.run(benchJob({ regions, boot: 'off' }))).report.outcome).toBe('PASS');
    expect(bench.socket.edges.filter(resets)).toHaveLength(1);
  });

  test('leaves the supply off long enough between two runs, however fast the next press comes', async () => {
    bench.insert();
    for (let run = 0; run < 3; run += 1) expectSafe(await bench.run(job), `run ${run}`);
    expect(pauses(bench.socket.edges)).toEqual([powerDownMs, powerDownMs]);
  });

  test('is off after a nest without a module, and after a port that cannot be opened', async () => {
    const empty = await bench.run(job);
    expect([empty.report.code, empty.leaks]).toEqual(['C01', noLeaks]);
    bench.insert();
    bench.socket.unplug();
    const run = await bench.run(job);
    expect(run.report.code).toBe('S04');
    expectSafe(run, 'no port');
  });

  test('is off after a hook that throws', async () => {
    bench.insert();
    const identified = (): never => {
      throw new StationError('S01', 'The disk is full.');
    };
    const run = await bench.run(job, { hooks: { identified } });
    expect(run.report.code).toBe('S01');
    expectSafe(run, 'not recorded');
  });

  test('is S03 when its line refuses, and the module is not touched', async () => {
    bench.insert();
    using _refusing = refusing(bench.socket.power, true);
    const run = await bench.run(job);
    expect(run.report).toMatchObject({ outcome: 'ERROR', code: 'S03', detail: 'The line does not obey.' });
    expect(bench.socket.edges).toEqual([]);
    expectSafe(run, 'not fed');
  });

  test.for(['power', 'rst', 'gpio0'] as const)(
    'keeps the verdict when its line %s refuses at the end, tells of it, and works in the next run',
    async (line) => {
      const chip = bench.insert();
      const scopes: Disposable[] = [];
      const hooks = {
        phase: (phase: string) => {
          if (phase === 'verify') scopes.push(refusing(bench.socket[line], false));
        },
      };
      const { report } = await bench.run(benchJob({ regions, boot: 'off' }), { hooks });
      for (const scope of scopes) scope[Symbol.dispose]();
      expect([report.outcome, holdsJob(chip, job)]).toEqual(['PASS', true]);
      expect(bench.failures.length).toBeGreaterThan(0);
      expect(bench.failures).toEqual(bench.failures.map(() => expect.objectContaining({ code: 'S03' }) as unknown));
      expect(bench.socket.power.active).toBe(line === 'power');
      bench.failures.length = 0;
      const next = await bench.run(job);
      expect(next.report).toMatchObject({ outcome: 'PASS', retries: 0 });
      expectSafe(next, 'next');
    },
  );

  test('a flash that is busy with an erase which was cut off is free in the next run', async () => {
    const secondRun = async (supply: 'switched' | 'constant'): Promise<VirtualRun> => {
      bench = new VirtualBench(supply);
      bench.insert();
      const stop = new AbortController();
      const abort = (): void => stop.abort(new StationError('O01'));
      const events = [{ at: 'erase', afterMs: 300, do: abort }] as const;
      const { report } = await bench.run(eraseJob, { signal: stop.signal, events });
      expect(report).toMatchObject({ outcome: 'ABORTED', phase: 'erase' });
      const run = await bench.run(job);
      bench.socket.chip?.dispose();
      return run;
    };
    const switched = await secondRun('switched');
    expect(switched.report).toMatchObject({ outcome: 'PASS', retries: 0 });
    expectSafe(switched, 'switched');
    // Only the supply ends an erase: a reset does not, and the run waits for the flash.
    const constant = await secondRun('constant');
    expect(constant.ms - switched.ms).toBeGreaterThan(5_000);
  });
});

describe('an abort', () => {
  test.for(phases)('in the phase %s leaves straps released and the supply off, and the next run passes', async (at) => {
    const chip = bench.insert({ flash: smallFlash });
    const stop = new AbortController();
    const abort = (): void => stop.abort(new StationError('O01'));
    const run = await bench.run(eraseJob, { signal: stop.signal, events: [{ at, afterMs: 3, do: abort }] });
    expect(run.report).toMatchObject({ outcome: 'ABORTED', code: 'O01' });
    expectSafe(run, at);
    const next = await bench.run(job);
    expect(next.report).toMatchObject({ outcome: 'PASS', retries: 0 });
    expect([pauses(bench.socket.edges).every((ms) => ms >= powerDownMs), chip.violations]).toEqual([true, []]);
  });

  test('at any moment of a run leaves nothing driven, no timer and no listener', async () => {
    bench.insert({ flash: smallFlash });
    const { ms: wholeMs } = await bench.run(job);
    const moments = 60;
    for (let moment = 0; moment < moments; moment += 1) {
      bench = new VirtualBench('switched');
      const chip = bench.insert({ flash: smallFlash });
      const stop = new AbortController();
      const atMs = (wholeMs * moment) / moments;
      const events = [{ at: atMs, do: () => stop.abort(new StationError('O01')) }];
      const run = await bench.run(job, { signal: stop.signal, events });
      expect(run.report.code, `at ${atMs} ms`).toBe('O01');
      expectSafe(run, `at ${atMs} ms`);
      chip.dispose();
    }
  });
});

describe('a cut', () => {
  test('at any moment takes the supply at once, and the nest stays dead until the session has ended', async () => {
    bench.insert({ flash: smallFlash });
    const { ms: wholeMs } = await bench.run(job);
    const random = new SeededRandom(7);
    for (let moment = 0; moment < 40; moment += 1) {
      bench = new VirtualBench('switched');
      const chip = bench.insert({ flash: smallFlash });
      const atMs = (wholeMs * moment) / 40;
      const stop = new AbortController();
      const aborts = random.happens(0.5);
      const atCut: string[] = [];
      const cut = (): void => {
        bench.wired.supply.cut();
        const { rst, gpio0, power, edges } = bench.socket;
        atCut.push(`${rst.active} ${gpio0.active} ${power.active} ${chip.state}`, `${edges.length} changes`);
        if (aborts) stop.abort(new StationError('O01', 'The emergency stop was pressed.'));
      };
      const run = await bench.run(job, { signal: stop.signal, events: [{ at: atMs, do: cut }] });
      expect(atCut).toEqual(['false false false off', `${bench.socket.edges.length} changes`]);
      expect(run.report.outcome, `at ${atMs} ms`).not.toBe('PASS');
      if (aborts) expect(run.report.detail).toBe('The emergency stop was pressed.');
      expectSafe(run, `at ${atMs} ms`);
      expect((await bench.run(job)).report.outcome, `after a cut at ${atMs} ms`).toBe('PASS');
      chip.dispose();
    }
  });

  test('of a nest without a power line releases the straps, and nothing resets the module any more', async () => {
    bench = new VirtualBench();
    bench.insert();
    const stop = new AbortController();
    const cut = (): void => {
      bench.wired.supply.cut();
      bench.socket.edges.length = 0;
      stop.abort(new StationError('O01'));
    };
    const { report, leaks } = await bench.run(job, { signal: stop.signal, events: [{ at: 'write', do: cut }] });
    expect([report.code, bench.socket.edges, leaks]).toEqual(['O01', [], noLeaks]);
    expect((await bench.run(job)).report.outcome).toBe('PASS');
  });
});
