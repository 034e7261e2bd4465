import type { Clock } from '../foundation/clock.ts';
import { hostBootId } from '../foundation/host.ts';
import type { RunResult } from '../nest/run/run-result.ts';
import type { Standing, StandingDecisions, StandingEntry, StandingKind } from '../nest/standing.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Commit } from './file/commit.ts';
import type { Connection } from './file/database.ts';
import { hasJudgedSample } from './runs/samples.ts';
import { withStorageFaults } from './file/storage-errors.ts';

/** The table `standing`; each change and its row of the audit trail are one transaction. */
export class StandingRows implements StandingDecisions {
  readonly #commit: Commit;
  readonly #audit: AuditTrail;
  readonly #clock: Clock;
  readonly #statements;

  constructor(connection: Connection, audit: AuditTrail, clock: Clock, commit: Commit) {
    this.#commit = commit;
    this.#audit = audit;
    this.#clock = clock;
    const columns = 'kind, key, value, detail, at, who, position';
    this.#statements = {
      ofKind: connection.prepare<[string], Standing>(`SELECT ${columns} FROM standing WHERE kind = ? ORDER BY rowid`),
      ofKey: connection.prepare<[string, string], Standing>(
        `SELECT ${columns} FROM standing WHERE kind = ? AND key = ? ORDER BY rowid`,
      ),
      put: connection.prepare<[StandingEntry & { at: string }]>(
        `INSERT OR REPLACE INTO standing (${columns})
         SELECT @kind, @key, @value, @detail, @at, @who, coalesce(max(position), 0) FROM runs`,
      ),
      drop: connection.prepare<[string, string]>('DELETE FROM standing WHERE kind = ? AND key = ?'),
    };
  }

  of(kind: StandingKind, key?: string): Standing[] {
    return withStorageFaults(() =>
      key === undefined ? this.#statements.ofKind.all(kind) : this.#statements.ofKey.all(kind, key),
    );
  }

  set(entry: StandingEntry): void {
    this.#write(entry, () => this.#statements.drop.run(entry.kind, entry.key));
  }

  add(entry: StandingEntry): void {
    this.#write(entry, () => undefined);
  }

  end(kind: StandingKind, key: string, who: string): boolean {
    return this.#commit(() => this.#takeBack(kind, key, who));
  }

  /** In the transaction that closes the run: a sample that was judged is wanted no longer. @throws what SQLite throws */
  recorded(result: RunResult): void {
    if (result.nest === null || !hasJudgedSample(result)) return;
    const key = String(result.nest);
    const [wanted] = this.#statements.ofKey.all('sample', key);
    // What was said during the run is for the next one.
    if (wanted?.value !== result.mode || wanted.detail === result.run_id) return;
    this.#takeBack('sample', key, 'station');
  }

  #takeBack(kind: StandingKind, key: string, who: string): boolean {
    const before = valuesOf(this.#statements.ofKey.all(kind, key));
    if (before === null) return false;
    this.#statements.drop.run(kind, key);
    this.#note(kind, key, before, null, null, who);
    return true;
  }

  #write(entry: StandingEntry, makeRoom: () => unknown): void {
    const { kind, key, value, detail, who } = entry;
    this.#commit(() => {
      const before = valuesOf(this.#statements.ofKey.all(kind, key));
      makeRoom();
      this.#statements.put.run({ kind, key, value, detail, who, at: new Date(this.#clock.now()).toISOString() });
      this.#note(kind, key, before, value, detail, who);
    });
  }

  #note(
    kind: StandingKind,
    key: string,
    before: string | null,
    after: string | null,
    detail: string | null,
    who: string,
  ): void {
    this.#audit.insert({ what: `${kind} ${key}`, before, after, detail, bootId: hostBootId(), who });
  }
}

function valuesOf(rows: readonly Standing[]): string | null {
  return rows.length === 0 ? null : rows.map(({ value }) => value).join(' ');
}
