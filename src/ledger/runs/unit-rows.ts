import type { RunPhase } from '../../nest/run/outcome.ts';
import type { Connection } from '../file/database.ts';

/** The phases in the order of the record: phase n is bit n of `first_phases`. */
export const countedPhases = [
  'connect',
  'identify',
  'loader',
  'erase',
  'write',
  'verify',
  'boot',
] as const satisfies readonly RunPhase[];

const msColumns = countedPhases.map((phase) => `ms_${phase}`);
const countable = "state = 'closed' AND mode = 'production' AND outcome IN ('PASS', 'FAIL')";

type MsColumns = Readonly<Record<`ms_${RunPhase}`, number | null>>;

/** A countable run of a unit. */
interface CountedRun extends MsColumns {
  readonly position: number;
  readonly at_ms: number;
  readonly unit: string;
  readonly nest: number | null;
  readonly lot: string | null;
  readonly job: string;
  readonly outcome: 'PASS' | 'FAIL';
  readonly code: string | null;
  readonly attribution: string | null;
  readonly phase: string | null;
  readonly link: string;
  readonly reflash: 0 | 1;
}

/**
 * The tables `units` and `links`: what yields count, kept up with every closing. A unit is always derived again from its
 * own runs, a few rows, so that an adoption cannot leave it half right.
 */
export class UnitRows {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = {
      link: connection.prepare<[string, string, string, string]>('INSERT INTO links VALUES (?, ?, ?, ?)'),
      adopter: connection
        .prepare<[string, string], string>('SELECT unit FROM links WHERE operation = ? AND provisional = ?')
        .pluck(),
      drop: connection.prepare<[string, string]>('DELETE FROM units WHERE operation = ? AND unit = ?'),
      runs: connection.prepare<[{ operation: string; unit: string }], CountedRun>(
        `SELECT position, at_ms, unit, nest, lot, job, outcome, code, attribution, phase, link, reflash, ${msColumns.join(', ')}
         FROM runs WHERE operation = @operation AND ${countable} AND unit IN
           (SELECT @unit UNION ALL SELECT provisional FROM links WHERE operation = @operation AND unit = @unit)
         ORDER BY position`,
      ),
      all: connection.prepare<[], { operation: string; unit: string }>(
        `SELECT DISTINCT r.operation, coalesce(l.unit, r.unit) AS unit FROM runs r
         LEFT JOIN links l ON l.operation = r.operation AND l.provisional = r.unit WHERE ${countable}`,
      ),
      clear: connection.prepare('DELETE FROM units'),
      put: connection.prepare(
        `INSERT OR REPLACE INTO units VALUES (@operation, @unit, @position, @at_ms, @nest, @lot, @job, @outcome, @code,
           @attribution, @phase, @phases, @link, @attempts, @passedAttempt, @lastPosition, @lastOutcome)`,
      ),
    };
  }

  /** The runs of a provisional unit are those of this unit from now on. @param runId the run that told */
  adopt(operation: string, provisional: string, unit: string, runId: string): void {
    this.#statements.link.run(operation, provisional, unit, runId);
    this.#statements.drop.run(operation, provisional);
  }

  /** The same for a unit by the name in its runs, which may have been adopted since. */
  deriveKnown(operation: string, unit: string): void {
    this.derive(operation, this.#statements.adopter.get(operation, unit) ?? unit);
  }

  /** Derives a unit from its runs. Nothing is kept of one without an attempt. */
  derive(operation: string, unit: string): void {
    const runs = this.#statements.runs.all({ operation, unit });
    const attempts = runs.filter(({ reflash }) => reflash === 0);
    // A reflash is never the first run, also where a damage has cost the pass before it.
    const [first] = attempts;
    const last = runs.at(-1);
    if (first === undefined || last === undefined) return;
    const passed = attempts.findIndex(({ outcome }) => outcome === 'PASS');
    const { position, at_ms, nest, lot, job, outcome, code, attribution, phase } = first;
    this.#statements.put.run({
      ...{ operation, unit, position, at_ms, nest, lot, job, outcome, code, attribution, phase },
      phases: phasesOf(first),
      link: first.unit === unit ? first.link : 'inferred',
      attempts: attempts.length,
      passedAttempt: passed < 0 ? null : passed + 1,
      lastPosition: last.position,
      lastOutcome: last.outcome,
    });
  }

  /** Derives every unit anew from the runs. */
  deriveAll(): void {
    this.#statements.clear.run();
    for (const { operation, unit } of this.#statements.all.all()) this.derive(operation, unit);
  }
}

function phasesOf(run: MsColumns): number {
  return countedPhases.reduce((bits, phase, bit) => (run[`ms_${phase}`] === null ? bits : bits | (1 << bit)), 0);
}
