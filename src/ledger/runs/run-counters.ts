import type { RunResult } from '../../nest/run/run-result.ts';
import type { Connection } from '../file/database.ts';

/** The table `counters`: totals of the runs of production that only ever grow. */
export class RunCounters {
  readonly #add;

  constructor(connection: Connection) {
    this.#add = connection.prepare<[object]>(
      `INSERT INTO counters (scope, key, runs, passed, failed, errors, aborted, marginal)
       VALUES (@scope, @key, 1, @passed, @failed, @errors, @aborted, @marginal)
       ON CONFLICT (scope, key) DO UPDATE SET runs = runs + 1, passed = passed + excluded.passed,
         failed = failed + excluded.failed, errors = errors + excluded.errors, aborted = aborted + excluded.aborted,
         marginal = marginal + excluded.marginal`,
    );
  }

  /** Called inside the transaction that closes the run. */
  count({ mode, outcome, marginal, lot, nest }: RunResult): void {
    if (mode !== 'production') return;
    const is = (wanted: RunResult['outcome']): number => (outcome === wanted ? 1 : 0);
    const counts = { passed: is('PASS'), failed: is('FAIL'), errors: is('ERROR'), aborted: is('ABORTED'), marginal };
    const scopes = [
      { scope: 'all', key: '' },
      { scope: 'lot', key: lot },
      { scope: 'nest', key: nest === null ? null : String(nest) },
    ];
    for (const { scope, key } of scopes) if (key !== null) this.#add.run({ scope, key, ...counts });
  }
}
