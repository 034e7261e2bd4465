import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/ledger/file/database.ts';
import { LedgerReader } from '../../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../../src/ledger/file/open-ledger-file.ts';
import type { YieldScope } from '../../../src/ledger/yield/yield-figures.ts';
import type { RunReport } from '../../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../../src/nest/run/run-result.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failed, identity, opening, passed, startedAt, temporaryFolder } from '../runs.ts';

const hourMs = 3_600_000;
const aDay = { fromMs: startedAt, toMs: startedAt + 24 * hourMs };

async function ledgerBench() {
  const folder = temporaryFolder();
  const file = await openLedgerFile(folder.file('ledger.sqlite'), new VirtualClock());
  const ledger = new Ledger(file, new VirtualClock());
  let runs = 0;
  /** A run of a module of its own that ends so long after the beginning. */
  const record = (endMs: number, report: RunReport = passed(), changes: Partial<RunOpening> = {}): void => {
    const runId = `r${runs++}`;
    ledger.openRun(opening(runId, changes));
    const known = { ...identity, mac: `5c:cf:7f:00:01:${String(runs).padStart(2, '0')}` };
    ledger.closeRun(runId, { ...report, identity: known }, { finishedAt: startedAt + endMs });
  };
  return {
    ...{ file, ledger, record, figures: ledger.figures },
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

describe('a breakdown', () => {
  test.for([
    ['nest', [1, 2]],
    ['lot', [null, 'L1', 'L2']],
    ['job', ['esp12-nodemcu', 'other']],
    ['operation', ['esp12-a:sha256:bb', 'op']],
  ] as const)('by %s has a part for each, in their order', async ([by, keys]) => {
    using bench = await ledgerBench();
    bench.record(1, passed(), { nest: 2, lot: 'L2', job: 'other', operation: 'op' });
    bench.record(2, failed(), { nest: 1, lot: 'L1' });
    bench.record(3, passed(), { nest: 1, lot: null });
    const parts = bench.figures.yieldBy(by, aDay);
    expect(parts.map(({ key }) => key)).toEqual(keys);
    expect(parts.reduce((sum, { figures }) => sum + figures.units, 0)).toBe(3);
    expect(parts.reduce((sum, { figures }) => sum + figures.runYield.whole, 0)).toBe(3);
  });

  test('has a part where only runs of units of another time lie', async () => {
    using bench = await ledgerBench();
    bench.record(0, failed({ outcome: 'ERROR', code: 'S03' }), { nest: 4 });
    expect(bench.figures.yieldBy('nest')).toMatchObject([{ key: 4, figures: { units: 0, errors: 1 } }]);
  });

  test('by the hour has every hour of the period, from its beginning on', async () => {
    using bench = await ledgerBench();
    for (const endMs of [-1, 0, hourMs - 1, hourMs, 3 * hourMs, 4 * hourMs]) bench.record(endMs, passed());
    bench.record(hourMs + 1, failed());
    bench.record(hourMs + 2, failed({ outcome: 'ABORTED', code: 'O01' }));
    const hours = bench.figures.hourlyYield({ fromMs: startedAt, toMs: startedAt + 4 * hourMs });
    expect(hours.map(({ fromMs, runYield }) => [(fromMs - startedAt) / hourMs, runYield.part, runYield.whole])).toEqual(
      [
        [0, 2, 2],
        [1, 1, 2],
        [2, 0, 0],
        [3, 1, 1],
      ],
    );
    expect(hours[2]?.runYield.rate).toBeNull();
    expect(bench.figures.hourlyYield({ fromMs: 5, toMs: 5 })).toEqual([]);
  });
});

test('a unit whose first run was before the period is in none of its unit figures, its runs are', async () => {
  using bench = await ledgerBench();
  const one = { ...identity, mac: '5c:cf:7f:00:00:01' };
  for (const [runId, report, endMs] of [
    ['a', failed({ identity: one }), -hourMs],
    ['b', passed({ identity: one }), hourMs],
  ] as const) {
    bench.ledger.openRun(opening(runId));
    bench.ledger.closeRun(runId, report, { finishedAt: startedAt + endMs });
  }
  expect(bench.figures.yieldOf(aDay)).toMatchObject({
    units: 0,
    good: 0,
    fpy: { rate: null },
    runYield: { part: 1, whole: 1 },
  });
  expect(bench.figures.yieldOf({ toMs: startedAt })).toMatchObject({ units: 1, good: 1, fpy: { part: 0 } });
});

test('a Pareto of nothing has no bars', async () => {
  using bench = await ledgerBench();
  bench.record(0);
  expect([bench.figures.pareto('units'), bench.figures.pareto('runs')]).toEqual([[], []]);
});

describe('no question reads a whole table', () => {
  const everything = (reader: LedgerReader, scope: YieldScope): void => {
    reader.yieldOf(scope);
    reader.yieldBy('nest', scope);
    reader.pareto('units', scope);
    reader.pareto('runs', scope);
  };
  test.for<{ name: string; ask: (reader: LedgerReader) => void }>([
    { name: 'of a shift or of 24 h', ask: (reader) => everything(reader, aDay) },
    { name: 'of a lot', ask: (reader) => everything(reader, { lot: 'L1' }) },
    { name: 'of a lot on one nest in a period', ask: (reader) => everything(reader, { ...aDay, lot: 'L1', nest: 1 }) },
    { name: 'of the hours of a day', ask: (reader) => void reader.hourlyYield(aDay) },
    { name: 'of the totals', ask: (reader) => void reader.totals() },
  ])('$name', async ({ ask }) => {
    using bench = await ledgerBench();
    bench.record(1);
    const queries: string[] = [];
    ask(new LedgerReader(listening(bench.file.connection, queries)));
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const steps = bench.file.connection.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`).all();
      const details = steps.map(({ detail }) => detail).join('\n');
      expect(details, query).toMatch(/SEARCH (units|runs|counters) USING/);
      expect(details, query).not.toMatch(/SCAN (units|runs|counters)/);
      if (query.includes('FROM units')) expect(details).toContain('SEARCH units USING COVERING INDEX');
    }
  });
});

/** The same connection; each query is noted with nulls in place of its values. */
function listening(connection: Connection, queries: string[]): Connection {
  return new Proxy(connection, {
    get(target, key) {
      if (key === 'prepare') {
        return (query: string) => {
          queries.push(query.replaceAll('?', 'NULL'));
          return target.prepare(query);
        };
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
