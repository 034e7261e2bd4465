import { isFaultCode } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';
import type { HistoryQuestion, ModuleHistory, RunsWithMac } from '../../nest/identity/module-history.ts';
import type { Connection } from '../file/database.ts';
import { withStorageFaults } from '../file/storage-errors.ts';

/**
 * Of a unit and an operation; served by the index `runs_of_unit`. The last run decides that says what is in the flash,
 * or how the module did: a pass of before is worth nothing once another job, or half of one, has been written over it, or a person has erased it.
 */
export const hasPassedQuery = `SELECT operation = @operation AND mode = 'production' AND outcome = 'PASS'
    AND position > coalesce((SELECT position FROM standing WHERE kind = 'erased' AND key = @mac), 0) FROM runs
  WHERE unit = @mac AND state = 'closed' AND (dirty = 1 OR outcome IN ('PASS', 'FAIL'))
  ORDER BY position DESC LIMIT 1`;

/**
 * Countable runs of a unit, the last one first; read up to its last pass, so that a module which passes day after day
 * costs no more than another. Runs of one module follow each other, so the order of opening is that of the record.
 */
export const countableRunsQuery = `SELECT outcome, code FROM runs
  WHERE unit = @mac AND operation = @operation AND state = 'closed' AND mode = 'production' AND link = 'direct'
    AND outcome IN ('PASS', 'FAIL') AND position > @released
  ORDER BY rowid DESC`;

/**
 * Served by the index `runs_of_mac`, which is in the order of opening. That a run of another nest was opened before and
 * ended last when the module was released says nothing of its own runs; only those without a position go by it.
 */
export const flashIdQuery = `SELECT flash_id FROM runs
  WHERE mac = @mac AND flash_id IS NOT NULL AND (
    state = 'closed' AND position > @released
    OR state = 'refused' AND rowid > coalesce((SELECT rowid FROM runs WHERE position = @released), 0))
  ORDER BY rowid DESC LIMIT 1`;

export const runsWithQuery = `SELECT count(*) AS runs, coalesce(sum(outcome = 'PASS'), 0) AS passed FROM runs
  WHERE mac = @mac AND state = 'closed'`;

interface Decisions {
  readonly released: number;
  readonly hold: string | null;
}

/** What the ledger answers about one module when it has been identified; each question is a few steps in an index. */
export class ModuleHistories {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = {
      decisions: connection.prepare<[{ mac: string }], Decisions>(
        `SELECT coalesce((SELECT position FROM standing WHERE kind = 'release' AND key = @mac), 0) AS released,
           (SELECT coalesce(detail, value) FROM standing WHERE kind = 'hold' AND key = @mac) AS hold`,
      ),
      parts: connection
        .prepare<[string], string>("SELECT value FROM standing WHERE kind = 'part' AND key = ? ORDER BY rowid")
        .pluck(),
      hasPassed: connection.prepare<[{ mac: string; operation: string }], number>(hasPassedQuery).pluck(),
      countable: connection.prepare<
        [{ mac: string; operation: string; released: number }],
        { outcome: 'PASS' | 'FAIL'; code: string | null }
      >(countableRunsQuery),
      flashId: connection.prepare<[{ mac: string; released: number }], string>(flashIdQuery).pluck(),
      runsWith: connection.prepare<[{ mac: string }], RunsWithMac>(runsWithQuery),
    };
  }

  /** @throws StationError S01 */
  of({ mac, operation, product }: HistoryQuestion): ModuleHistory {
    return withStorageFaults(() => {
      const { decisions, parts, hasPassed, flashId } = this.#statements;
      const { released, hold } = decisions.get({ mac }) ?? { released: 0, hold: null };
      return {
        passed: hasPassed.get({ mac, operation }) === 1,
        failures: this.#failures({ mac, operation, released }),
        flashId: flashId.get({ mac, released }) ?? null,
        hold,
        acceptedParts: parts.all(product),
      };
    });
  }

  /** Closed runs only. @throws StationError S01 */
  runsWith(mac: string): RunsWithMac {
    return withStorageFaults(() => this.#statements.runsWith.get({ mac }) ?? { runs: 0, passed: 0 });
  }

  #failures(question: { readonly mac: string; readonly operation: string; readonly released: number }): FaultCode[] {
    const codes: FaultCode[] = [];
    for (const { outcome, code } of this.#statements.countable.iterate(question)) {
      if (outcome === 'PASS') break;
      if (code !== null && isFaultCode(code)) codes.push(code);
    }
    return codes;
  }
}
