import { describe, expect, test } from 'vitest';
import { powerDownMs, powerSettleMs } from '../../../src/nest/supply/switched-supply.ts';
import { fedBench, never, strapsOf, SupplyBench } from '../../support/supply-bench.ts';

describe('a cut', () => {
  test('releases the straps and takes the supply before it returns, until the session has ended', async () => {
    const bench = await fedBench();
    const { supply, reset } = bench.nest();
    strapsOf(reset).rst.set(true);
    supply.cut();
    expect(bench.story()).toEqual(['power high', 'rst low', 'rst high', 'power low']);
    strapsOf(reset).gpio0.set(true);
    await bench.clock.elapse(5_000);
    expect(bench.story()).toHaveLength(4);
    supply.off();
    const on = supply.on(never);
    await bench.clock.elapse(powerSettleMs);
    await on;
    expect(bench.level('power')).toBe('high');
  });

  test.for([
    { name: 'while the supply goes down', atMs: 100, story: [] },
    { name: 'while the supply settles', atMs: powerDownMs + 20, story: ['power high', 'power low'] },
  ])('$name keeps the session from its module', async ({ atMs, story }) => {
    const bench = await SupplyBench.open();
    const { supply, reset } = bench.nest();
    const on = supply.on(never);
    const ended = expect(on).rejects.toMatchObject({ code: 'O01' });
    await bench.clock.elapse(atMs);
    supply.cut();
    await bench.clock.elapse(1_000);
    await ended;
    strapsOf(reset).rst.set(true);
    expect(bench.story()).toEqual(story);
    expect(bench.timers).toBe(0);
  });

  test('without a session does not keep the next one from its module', async () => {
    const bench = await SupplyBench.open();
    const { supply } = bench.nest();
    supply.cut();
    const on = supply.on(never);
    await bench.clock.elapse(powerDownMs + powerSettleMs);
    await on;
    expect(bench.level('power')).toBe('high');
  });

  test('tries the supply also when a strap refuses', async () => {
    const bench = await fedBench();
    bench.refusing.add('1 rst').add('1 gpio0');
    bench.nest().supply.cut();
    expect(bench.level('power')).toBe('low');
    expect(bench.failures).toHaveLength(2);
  });
});

describe('without a power line', () => {
  test('the straps may be driven at any time, and a session takes no time for the supply', async () => {
    const bench = await SupplyBench.open(1, 'constant');
    const { supply, reset } = bench.nest();
    strapsOf(reset).rst.set(true);
    await supply.on(never);
    supply.off();
    expect(bench.story()).toEqual(['rst low']);
    expect([supply.needsLeaving, bench.timers]).toEqual([true, 0]);
  });

  test('a cut releases the straps and keeps them so until the session has ended', async () => {
    const bench = await SupplyBench.open(1, 'constant');
    const { supply, reset } = bench.nest();
    await supply.on(never);
    strapsOf(reset).rst.set(true);
    strapsOf(reset).gpio0.set(true);
    supply.cut();
    strapsOf(reset).rst.set(true);
    expect(bench.story()).toEqual(['rst low', 'gpio0 low', 'gpio0 high', 'rst high']);
    expect(supply.needsLeaving).toBe(false);
    supply.off();
    expect(supply.needsLeaving).toBe(true);
    strapsOf(reset).rst.set(true);
    expect(bench.level('rst')).toBe('low');
  });

  test('a cut without a session does not keep the next one from its module', async () => {
    const bench = await SupplyBench.open(1, 'constant');
    const { supply, reset } = bench.nest();
    supply.cut();
    strapsOf(reset).rst.set(true);
    expect(bench.story()).toEqual([]);
    await supply.on(never);
    strapsOf(reset).rst.set(true);
    expect(bench.story()).toEqual(['rst low']);
  });
});
