import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/ledger/file/database.ts';
import { anyHistory, liveThrough } from '../support/history-station.ts';
import { plainFigures, plainYield } from '../support/plain-figures.ts';
import { figuresFromRecords, inRecordingOrder } from '../support/yield-from-records.ts';
import type { PublishedRun, Scope } from '../support/yield-from-records.ts';
import { figuresFromSql } from '../support/yield-from-sql.ts';
import { temporaryFolder } from './runs.ts';

function publishedBy(connection: Connection): PublishedRun[] {
  const payloads = connection.prepare<[], string>('SELECT payload FROM outbox').pluck().all();
  return payloads.map((payload) => JSON.parse(payload) as PublishedRun);
}

/** Everything, each dimension, periods that begin and end with a run, and intersections of them. */
function scopesOf(records: readonly PublishedRun[]): Scope[] {
  const ends = inRecordingOrder(records)
    .map(({ atMs }) => atMs)
    .toSorted((one, other) => one - other);
  const at = (share: number): number => ends[Math.floor((ends.length - 1) * share)] ?? 0;
  const period = { fromMs: at(0.25), toMs: at(0.75) };
  const [lot, nest, operation] = ['L1', 2, 'esp12:1'] as const;
  return [
    ...[{}, { lot }, { lot: 'L2' }, { nest: 1 }, { nest }, { operation }, { job: 'esp12:2' }, { toMs: at(0.5) }],
    ...[{ fromMs: at(0.5) }, period, { ...period, lot }, { ...period, nest }, { lot, nest }, { lot, operation }],
    { fromMs: at(0.1), toMs: at(0.9) + 1, lot, nest, operation, job: operation },
  ];
}

test('the kept tables, SQL over all runs and a stranger with the published records agree on every figure', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, fc.integer(), async (steps, seed) => {
      using folder = temporaryFolder();
      const { file, ledger } = await liveThrough(steps, folder.file('ledger.sqlite'));
      try {
        const records = publishedBy(file.connection);
        // Twice, some as replays, in an order of their own.
        const again = records.map((record) => ({ ...record, replay: 1 }));
        const arrived = shuffled([...records, ...again], seed);
        for (const scope of scopesOf(records)) {
          const kept = plainFigures(ledger.figures, scope);
          expect(kept, JSON.stringify(scope)).toEqual(figuresFromSql(file.connection, scope));
          expect(kept, JSON.stringify(scope)).toEqual(figuresFromRecords(arrived, scope));
        }
        for (const { key, figures } of ledger.figures.yieldBy('nest')) {
          const { paretoByUnits, paretoByRuns, ...expected } = figuresFromRecords(arrived, { nest: key ?? 0 });
          expect([paretoByUnits, paretoByRuns].every((text) => typeof text === 'string')).toBe(true);
          expect(plainYield(figures)).toEqual(expected);
        }
        const times = file.connection.prepare('SELECT run_id, at_ms FROM runs WHERE state = ? ORDER BY position');
        expect(times.all('closed')).toEqual(
          inRecordingOrder(arrived).map(({ run_id, atMs }) => ({ run_id, at_ms: atMs })),
        );
      } finally {
        ledger.close();
      }
    }),
    { numRuns: Number(process.env['HISTORIES'] ?? 25) },
  );
}, 120_000);

function shuffled<T>(values: readonly T[], seed: number): T[] {
  let state = seed >>> 0 || 1;
  const key = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return values
    .map((value) => ({ value, at: key() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ value }) => value);
}
