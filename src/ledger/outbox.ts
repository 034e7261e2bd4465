import type { Connection } from './file/database.ts';

/** One message that has to reach the broker. */
export interface OutboxRow {
  /** The order of sending. */
  readonly position: number;
  /** Below the base topic. */
  readonly topic: string;
  /** The JSON text, as it was when the run was closed. */
  readonly payload: string;
  /** How often the broker has refused it. */
  readonly tries: number;
}

/**
 * How many of the newest results stay after they were sent: what a damaged table of runs is mended from. An older one
 * can be made again from its run.
 */
export const sentKept = 10_000;

/** Served by the index `outbox_sent`. */
export const pruneQuery = `DELETE FROM outbox
  WHERE sent_at IS NOT NULL AND position <= (SELECT max(position) FROM outbox) - ${sentKept}`;

/** The table `outbox`. A row that waits to be sent stays, however old it is. */
export class Outbox {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = {
      add: connection.prepare('INSERT INTO outbox (position, run_id, topic, payload) VALUES (?, ?, ?, ?)'),
      pending: connection.prepare<[number, number], OutboxRow>(
        `SELECT position, topic, payload, tries FROM outbox
         WHERE sent_at IS NULL AND position > ? ORDER BY position LIMIT ?`,
      ),
      markSent: connection.prepare('UPDATE outbox SET sent_at = ? WHERE position = ?'),
      prune: connection.prepare(pruneQuery),
      noteTry: connection.prepare('UPDATE outbox SET tries = tries + 1 WHERE position = ?'),
    };
  }

  add(position: number, runId: string, topic: string, payload: string): void {
    this.#statements.add.run(position, runId, topic, payload);
  }

  pending(afterPosition: number, limit: number): OutboxRow[] {
    return this.#statements.pending.all(afterPosition, limit);
  }

  markSent(positions: readonly number[], at: number): void {
    for (const position of positions) this.#statements.markSent.run(Math.round(at), position);
    this.#statements.prune.run();
  }

  noteTry(position: number): void {
    this.#statements.noteTry.run(position);
  }
}
