import fc from 'fast-check';
import { expect, test } from 'vitest';
import { powerUpGapMs } from '../../../src/nest/supply/power-turns.ts';
import { powerDownMs, powerSettleMs } from '../../../src/nest/supply/switched-supply.ts';
import { strapsOf, SupplyBench } from '../../support/supply-bench.ts';
import type { WireEdge } from '../../support/supply-bench.ts';

const nests = 4;

/** Something that somebody does at one nest; a press begins a session where none is under way. */
const action = fc.record({
  nest: fc.integer({ min: 1, max: nests }),
  do: fc.constantFrom('press', 'abort', 'end', 'cut', 'drive', 'let go'),
  thenMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
});
type Action = typeof action extends fc.Arbitrary<infer Made> ? Made : never;

/** What happens, one thing after the other, and the end of every session. */
async function play(bench: SupplyBench, actions: readonly Action[]): Promise<void> {
  const sessions = new Map<number, { readonly stop: AbortController; readonly on: Promise<unknown> }>();
  const end = async (nest: number): Promise<void> => {
    const session = sessions.get(nest);
    if (session === undefined) return;
    session.stop.abort(new Error('ended'));
    await session.on;
    bench.nest(nest).supply.off();
    sessions.delete(nest);
  };
  for (const { nest, do: what, thenMs } of actions) {
    const { supply, reset } = bench.nest(nest);
    const stop = sessions.get(nest)?.stop ?? new AbortController();
    if (what === 'press' && !sessions.has(nest)) {
      sessions.set(nest, { stop, on: supply.on(stop.signal).catch((error: unknown) => error) });
    } else if (what === 'abort') stop.abort(new Error('aborted'));
    else if (what === 'end') await end(nest);
    else if (what === 'cut') supply.cut();
    else if (what !== 'press') {
      strapsOf(reset).rst.set(what === 'drive');
      strapsOf(reset).gpio0.set(what === 'drive');
    }
    await bench.clock.elapse(thenMs);
  }
  for (let nest = 1; nest <= nests; nest += 1) await end(nest);
  await bench.clock.elapse(1_000);
}

/** What must not have happened at one nest, in words. */
function wrongs(edges: readonly WireEdge[]): string[] {
  let fed = false;
  let changedMs = 0;
  const low = new Set<string>();
  const found: string[] = [];
  for (const { line, level, atMs } of edges) {
    const sinceMs = atMs - changedMs;
    if (line === 'power') {
      fed = level === 'high';
      changedMs = atMs;
      if (fed && sinceMs < powerDownMs) found.push(`fed after ${sinceMs} ms without supply`);
      if (low.size > 0) found.push(`${[...low].join(' and ')} driven when the supply changed`);
      continue;
    }
    if (level === 'high') low.delete(line);
    else low.add(line);
    if (level === 'low' && !fed) found.push(`${line} driven without supply`);
    if (level === 'low' && fed && sinceMs < powerSettleMs) found.push(`${line} driven ${sinceMs} ms after power-on`);
  }
  if (fed || low.size > 0) found.push('left driven');
  return found;
}

test('whatever is pressed, aborted and cut in whatever order, no module is driven without supply', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const bench = await SupplyBench.open(nests);
      await play(bench, actions);
      for (let nest = 1; nest <= nests; nest += 1) {
        expect(wrongs(bench.edges.filter((edge) => edge.nest === nest))).toEqual([]);
      }
      const upMs = bench.edges
        .filter(({ line, level }) => line === 'power' && level === 'high')
        .map(({ atMs }) => atMs);
      const gaps = upMs.slice(1).map((atMs, index) => atMs - (upMs[index] ?? 0));
      expect(gaps.filter((ms) => ms < powerUpGapMs)).toEqual([]);
      expect([bench.timers, bench.failures]).toEqual([0, []]);
    }),
    { numRuns: 200 },
  );
});
