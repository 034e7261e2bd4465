import type { Clock } from '../foundation/clock.ts';
import type { Connection } from './file/database.ts';
import { isStorageFault, withStorageFaults } from './file/storage-errors.ts';

/** Something that was changed. */
export interface AuditEntry {
  /** The kind of change, such as `job`. */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly detail: string | null;
  readonly bootId: string | null;
  /** Left out: the station. */
  readonly who?: string;
}

/**
 * The table `audit`: which job, lot and order a station worked with, and what became of its ledger (production reference
 * §7). Rows are only ever added. One that the storage refuses is left out: every run has job, lot and order in its own
 * row, and a full disk is to keep no station from starting.
 */
export class AuditTrail {
  readonly #clock: Clock;
  readonly #statements;

  constructor(connection: Connection, clock: Clock) {
    this.#clock = clock;
    this.#statements = {
      add: connection.prepare<[AuditEntry & { at: string; who: string }]>(
        `INSERT INTO audit (at, boot_id, who, what, before, after, detail)
         VALUES (@at, @bootId, @who, @what, @before, @after, @detail)`,
      ),
      last: connection
        .prepare<[string], string | null>('SELECT after FROM audit WHERE what = ? ORDER BY id DESC LIMIT 1')
        .pluck(),
    };
  }

  add(entry: AuditEntry): void {
    unlessRefused(() => this.insert(entry));
  }

  /** As part of a transaction that must not go without it. @throws what SQLite throws */
  insert(entry: AuditEntry): void {
    this.#statements.add.run({ who: 'station', ...entry, at: new Date(this.#clock.now()).toISOString() });
  }

  /** Adds a row when this is not what it was the last time. @param after null: nothing, as at the beginning */
  note(what: string, after: string | null, bootId: string | null, detail: string | null = null): void {
    unlessRefused(() => {
      const before = this.#statements.last.get(what) ?? null;
      if (before !== after) this.add({ what, before, after, detail, bootId });
    });
  }
}

function unlessRefused(work: () => void): void {
  try {
    withStorageFaults(work);
  } catch (error) {
    if (!isStorageFault(error)) throw error;
  }
}
