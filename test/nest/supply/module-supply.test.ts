import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { wireModule } from '../../../src/nest/supply/module-wiring.ts';
import { PowerTurns, powerUpGapMs } from '../../../src/nest/supply/power-turns.ts';
import { powerDownMs, powerSettleMs } from '../../../src/nest/supply/switched-supply.ts';
import { fedBench, never, strapsOf, SupplyBench } from '../../support/supply-bench.ts';

/** From the opening of the lines to the end of `on`, ms. */
const firstOnMs = powerDownMs + powerSettleMs;

describe('a strap of a module without supply', () => {
  test('is not driven, whatever asks', async () => {
    const bench = await SupplyBench.open();
    const { rst, gpio0 } = strapsOf(bench.nest().reset);
    rst.set(true);
    gpio0.set(true);
    expect(bench.edges).toEqual([]);
    expect([bench.level('rst'), bench.level('gpio0')]).toEqual(['high', 'high']);
  });

  test('is not driven while the supply settles, nor when that is over for what was asked before', async () => {
    const bench = await SupplyBench.open();
    const { supply, reset } = bench.nest();
    const on = supply.on(never);
    await bench.clock.elapse(firstOnMs - 1);
    expect(bench.level('power')).toBe('high');
    strapsOf(reset).rst.set(true);
    await bench.clock.elapse(1);
    await on;
    expect(bench.story()).toEqual(['power high']);
    strapsOf(reset).rst.set(true);
    expect(bench.story()).toEqual(['power high', 'rst low']);
  });

  test('is released before the supply goes, and not driven after it', async () => {
    const bench = await fedBench();
    const { supply, reset } = bench.nest();
    strapsOf(reset).rst.set(true);
    strapsOf(reset).gpio0.set(true);
    supply.off();
    strapsOf(reset).rst.set(true);
    expect(bench.story()).toEqual(['power high', 'rst low', 'gpio0 low', 'gpio0 high', 'rst high', 'power low']);
  });

  test('can be released by who holds it at any time', async () => {
    const bench = await fedBench();
    const { supply, reset } = bench.nest();
    strapsOf(reset).rst.set(true);
    bench.refusing.add('1 rst');
    supply.off();
    expect([bench.level('rst'), bench.failures.length]).toEqual(['low', 1]);
    bench.refusing.clear();
    strapsOf(reset).rst.set(false);
    expect(bench.level('rst')).toBe('high');
  });

  test('may not be driven by DTR and RTS of the port either', async () => {
    const bench = await SupplyBench.open();
    const { clock } = bench;
    const parts = { clock, turns: new PowerTurns(clock), failed: (error: unknown) => error };
    const { reset, supply } = wireModule({ straps: null, power: bench.nest().lines.power }, parts);
    const mayDrive = (): boolean | undefined => (reset.kind === 'modem' ? reset.mayDrive?.() : undefined);
    expect(mayDrive()).toBe(false);
    const on = supply.on(never);
    await clock.elapse(firstOnMs);
    await on;
    expect(mayDrive()).toBe(true);
    supply.cut();
    expect(mayDrive()).toBe(false);
  });
});

describe('switching on', () => {
  test('waits until the supply has been down, from the opening of the line and from every power-off', async () => {
    const bench = await fedBench();
    const { supply } = bench.nest();
    expect(bench.edges).toEqual([{ nest: 1, atMs: 300, line: 'power', level: 'high' }]);
    await bench.clock.elapse(1_000);
    supply.off();
    const offMs = bench.clock.monotonic();
    await bench.clock.elapse(100);
    const on = supply.on(never);
    await bench.clock.elapse(firstOnMs);
    await on;
    expect(bench.edges.at(-1)).toEqual({ nest: 1, atMs: offMs + 300, line: 'power', level: 'high' });
    supply.off();
    await bench.clock.elapse(5_000);
    const againMs = bench.clock.monotonic();
    const again = supply.on(never);
    await bench.clock.elapse(powerSettleMs);
    await again;
    expect(bench.edges.at(-1)?.atMs).toBe(againMs);
  });

  test('of eight nests pressed at once is spread, and each settles by itself', async () => {
    const bench = await SupplyBench.open(8);
    await bench.clock.elapse(1_000);
    const ready: number[] = [];
    const all = bench.nests.map(({ supply }) => supply.on(never).then(() => ready.push(bench.clock.monotonic())));
    await bench.clock.elapse(2_000);
    await Promise.all(all);
    expect(bench.edges.map(({ nest, atMs }) => [nest, atMs])).toEqual(
      bench.nests.map((_, index) => [index + 1, 1_000 + 75 * index]),
    );
    expect(ready).toEqual(bench.nests.map((_, index) => 1_050 + 75 * index));
    expect(bench.timers).toBe(0);
  });

  test('does not keep others waiting for a supply that is not down yet', async () => {
    const bench = await SupplyBench.open(2);
    const both = [bench.nest(1), bench.nest(2)].map(({ supply }) => supply.on(never));
    await bench.clock.elapse(1_000);
    await Promise.all(both);
    bench.nest(1).supply.off();
    bench.nest(2).supply.off();
    await bench.clock.elapse(1_000);
    const second = bench.nest(2).supply.on(never);
    await bench.clock.elapse(100);
    await second;
    bench.nest(2).supply.off();
    const offMs = bench.clock.monotonic();
    const waiting = bench.nest(2).supply.on(never);
    const first = bench.nest(1).supply.on(never);
    await bench.clock.elapse(0);
    expect(bench.edges.at(-1)).toMatchObject({ nest: 1, level: 'high', atMs: offMs });
    await bench.clock.elapse(firstOnMs);
    await Promise.all([waiting, first]);
    expect(bench.edges.at(-1)).toMatchObject({ nest: 2, level: 'high', atMs: offMs + 300 });
  });

  test('is S03 when the line refuses, and the line is told to be off all the same', async () => {
    const bench = await SupplyBench.open();
    const { supply, reset } = bench.nest();
    bench.refusing.add('1 power');
    const on = supply.on(never);
    const ended = expect(on).rejects.toMatchObject({ code: 'S03', detail: 'The power line does not obey.' });
    await bench.clock.elapse(firstOnMs);
    await ended;
    strapsOf(reset).rst.set(true);
    supply.off();
    expect(bench.failures).toMatchObject([{ code: 'S03' }]);
    expect([bench.edges, bench.timers]).toEqual([[], 0]);
  });

  test.for([
    { name: 'while the supply goes down', atMs: 100 },
    { name: 'while it waits for its turn', atMs: powerDownMs + powerUpGapMs - 10 },
    { name: 'while the supply settles', atMs: powerDownMs + powerUpGapMs + 20 },
  ])('that is aborted $name ends at once and leaves nothing on', async ({ atMs }) => {
    const bench = await SupplyBench.open(2);
    const other = bench.nest(1).supply.on(never);
    const { supply, reset } = bench.nest(2);
    const stop = new AbortController();
    let endedMs = 0;
    const on = supply.on(stop.signal).finally(() => {
      endedMs = bench.clock.monotonic();
    });
    const ended = expect(on).rejects.toThrow('stopped');
    await bench.clock.elapse(atMs);
    stop.abort(new Error('stopped'));
    await ended;
    expect(endedMs).toBe(atMs);
    supply.off();
    expect(bench.level('power', 2)).toBe('low');
    strapsOf(reset).rst.set(true);
    expect(bench.level('rst', 2)).toBe('high');
    await bench.clock.elapse(1_000);
    await other;
    expect([bench.timers, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0]);
    expect(bench.story(2).at(-1) ?? 'power low').toBe('power low');
  });

  test('with a signal that has aborted already changes nothing', async () => {
    const bench = await SupplyBench.open();
    await expect(bench.nest().supply.on(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    expect([bench.timers, bench.edges]).toEqual([0, []]);
  });
});

describe('switching off', () => {
  test('twice is the same as once', async () => {
    const bench = await fedBench();
    const { supply } = bench.nest();
    supply.off();
    await bench.clock.elapse(200);
    supply.off();
    const on = supply.on(never);
    await bench.clock.elapse(150);
    await on;
    expect(bench.edges.map(({ atMs }) => atMs)).toEqual([300, 350, 650]);
  });

  test('tells of a line that refuses, does not throw, and asks it again the next time', async () => {
    const bench = await fedBench();
    const { supply, reset } = bench.nest();
    strapsOf(reset).rst.set(true);
    bench.refusing.add('1 power').add('1 gpio0');
    expect(() => supply.off()).not.toThrow();
    expect(bench.failures.map(String)).toEqual([
      expect.stringContaining('The gpio0 line'),
      expect.stringContaining('The power line'),
    ]);
    expect([bench.level('rst'), bench.level('power')]).toEqual(['high', 'high']);
    bench.refusing.clear();
    supply.off();
    expect(bench.level('power')).toBe('low');
  });
});
