import type { Connection } from '../file/database.ts';
import type { SqlValue } from './leaf-rows.ts';
import { resultColumns, resultFromRow } from '../runs/run-row.ts';
import { sqliteCode } from '../file/storage-errors.ts';
import type { NamedRow } from './table-shapes.ts';

type Columns = Readonly<Record<string, SqlValue>>;

/** How far a run has come: of two versions of a row the later one is true. */
const progress: Readonly<Record<string, number>> = { open: 0, writing: 1, refused: 2, closed: 2 };

/** Puts rows of a damaged ledger into a sound one. Called inside a transaction with foreign keys off. */
export class SalvageTarget {
  readonly #connection: Connection;
  readonly #statements;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = {
      stateOf: connection.prepare<[string], string>('SELECT state FROM runs WHERE run_id = ?').pluck(),
      takenRowId: connection.prepare<[number], number>('SELECT 1 FROM runs WHERE rowid = ?').pluck(),
      takenPosition: connection.prepare<[SqlValue], number>('SELECT 1 FROM runs WHERE position = ?').pluck(),
      rowIdBefore: connection
        .prepare<[SqlValue], number>('SELECT rowid FROM runs WHERE position < ? ORDER BY position DESC LIMIT 1')
        .pluck(),
      nextPosition: connection.prepare<[], number>('SELECT coalesce(max(position), 0) + 1 FROM runs').pluck(),
      dropRun: connection.prepare<[string]>('DELETE FROM runs WHERE run_id = ?'),
      job: connection.prepare<[SqlValue, SqlValue]>(
        'INSERT INTO jobs VALUES (?, ?) ON CONFLICT (hash) DO UPDATE SET content = coalesce(content, excluded.content)',
      ),
      outbox: connection.prepare<[Columns]>(
        `INSERT INTO outbox VALUES (@position, @run_id, @topic, @payload, @sent_at, @tries)
         ON CONFLICT (position) DO UPDATE SET sent_at = coalesce(sent_at, excluded.sent_at)
         WHERE outbox.run_id = excluded.run_id`,
      ),
      standing: connection.prepare<[Columns]>(
        `INSERT INTO standing (kind, key, value, detail, at, who, position)
         VALUES (@kind, @key, @value, @detail, @at, @who, @position)
         ON CONFLICT (kind, key, value) DO UPDATE
         SET detail = excluded.detail, at = excluded.at, who = excluded.who, position = excluded.position
         WHERE (excluded.position, excluded.at) > (standing.position, standing.at)`,
      ),
      lostRuns: connection.prepare<[], { position: number; payload: string }>(
        `SELECT position, payload FROM outbox
         WHERE topic = 'run/result' AND run_id NOT IN (SELECT run_id FROM runs WHERE state = 'closed')`,
      ),
      unqueued: connection.prepare<[], Record<string, SqlValue>>(
        `SELECT * FROM runs WHERE state = 'closed' AND run_id NOT IN (SELECT run_id FROM outbox)
         AND position > (SELECT coalesce(max(position), 0) FROM outbox WHERE sent_at IS NOT NULL)`,
      ),
    };
  }

  /** False when the row contradicts one that is there. */
  put({ table, rowId, columns }: NamedRow): boolean {
    try {
      // As a whole: a row that cannot come does not take the one away that it was to replace.
      if (table === 'runs') this.#connection.transaction(() => this.#putRun(rowId, columns))();
      else if (table === 'jobs') this.#statements.job.run(columns['hash'] ?? null, columns['content'] ?? null);
      else if (table === 'outbox') this.#statements.outbox.run(columns);
      else if (table === 'standing') this.#statements.standing.run(columns);
      else this.#insert(`INSERT OR IGNORE INTO ${table}`, columns);
      return true;
    } catch (error) {
      if (sqliteCode(error)?.startsWith('SQLITE_CONSTRAINT') === true) return false;
      throw error;
    }
  }

  /** The result in the outbox is the whole run: one whose own row is lost comes back from there. */
  rebuildLostRuns(): void {
    for (const { position, payload } of this.#statements.lostRuns.all()) {
      const result = recordIn(payload);
      if (result === null) continue;
      const columns = Object.fromEntries(resultColumns.map((key) => [key, result[key] ?? null]));
      const before = this.#statements.rowIdBefore.get(position) ?? 0;
      const lost = { state: 'closed', position, detail: null, at_ms: result['ts_ms'] ?? null };
      this.put({ table: 'runs', rowId: before + 1, columns: { ...columns, ...lost } });
    }
  }

  /** Behind the last row that was sent, a result without an outbox row may not have been sent: it is sent again. */
  queueUnsent(): void {
    for (const row of this.#statements.unqueued.all()) {
      const { position = null, run_id = null } = row;
      const payload = JSON.stringify(resultFromRow(row));
      const sent = { topic: 'run/result', payload, sent_at: null, tries: 0 };
      this.#insert('INSERT OR IGNORE INTO outbox', { position, run_id, ...sent });
    }
  }

  #putRun(rowId: number, columns: Columns): void {
    const runId = String(columns['run_id']);
    const known = this.#statements.stateOf.get(runId);
    if (known !== undefined) {
      if ((progress[known] ?? 0) >= (progress[String(columns['state'])] ?? 0)) return;
      this.#statements.dropRun.run(runId);
    }
    this.#statements.job.run(columns['job_hash'] ?? null, null);
    const position = this.#freePosition(columns['position'] ?? null);
    const free = this.#statements.takenRowId.get(rowId) === undefined;
    this.#insert('INSERT INTO runs', { ...columns, position, ...(free ? { rowid: rowId } : {}) });
  }

  #freePosition(wanted: SqlValue): SqlValue {
    if (wanted === null || this.#statements.takenPosition.get(wanted) === undefined) return wanted;
    return this.#statements.nextPosition.get() ?? 1;
  }

  #insert(start: string, columns: Columns): void {
    const names = Object.keys(columns);
    const values = names.map((name) => `@${name}`);
    this.#connection.prepare<[Columns]>(`${start} (${names.join(', ')}) VALUES (${values.join(', ')})`).run(columns);
  }
}

/** null for a text that is no JSON object. */
function recordIn(payload: string): Readonly<Record<string, SqlValue>> | null {
  try {
    const found: unknown = JSON.parse(payload);
    return typeof found === 'object' && found !== null ? (found as Readonly<Record<string, SqlValue>>) : null;
  } catch {
    return null;
  }
}
