import type { RunEvidence } from '../../nest/evidence/run-evidence.ts';
import type { Connection } from '../file/database.ts';
import { decodeEvidence } from './evidence-content.ts';

/** The runs whose evidence is kept: the newest that did not pass. Their records stay when it goes. */
export const evidenceKept = 1_000;

/** The table `evidence`. */
export class EvidenceRows {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = {
      insert: connection.prepare<[string, number, Uint8Array]>('INSERT INTO evidence VALUES (?, ?, ?)'),
      prune: connection.prepare<[number]>(
        `DELETE FROM evidence WHERE position <=
           (SELECT position FROM evidence ORDER BY position DESC LIMIT 1 OFFSET ?)`,
      ),
    };
  }

  /** Inside the transaction that closes the run. @param position of the run, ascending */
  add(runId: string, position: number, content: Uint8Array): void {
    this.#statements.insert.run(runId, position, content);
    this.#statements.prune.run(evidenceKept);
  }
}

/** Null when the run has none, no more, or one that cannot be read. */
export function readEvidence(connection: Connection, runId: string): RunEvidence | null {
  const query = connection.prepare<[string], Uint8Array>('SELECT content FROM evidence WHERE run_id = ?').pluck();
  const content = query.get(runId);
  return content === undefined ? null : decodeEvidence(content);
}
