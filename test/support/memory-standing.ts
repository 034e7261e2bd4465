import { StationError } from '../../src/foundation/faults.ts';
import type { Standing, StandingDecisions } from '../../src/nest/standing.ts';

/** Standing decisions in memory. */
export class MemoryStanding implements StandingDecisions {
  rows: Standing[] = [];
  /** Each change is refused with S02. */
  full = false;

  of(kind: Standing['kind'], key?: string): Standing[] {
    return this.rows.filter((row) => row.kind === kind && (key === undefined || row.key === key));
  }

  set(entry: Parameters<StandingDecisions['set']>[0]): void {
    this.#change(entry, ({ kind, key }) => kind === entry.kind && key === entry.key);
  }

  add(entry: Parameters<StandingDecisions['add']>[0]): void {
    this.#change(entry, ({ kind, key, value }) => kind === entry.kind && key === entry.key && value === entry.value);
  }

  end(kind: Standing['kind'], key: string): boolean {
    const rest = this.rows.filter((row) => row.kind !== kind || row.key !== key);
    const ended = rest.length < this.rows.length;
    this.rows = rest;
    return ended;
  }

  #change(entry: Parameters<StandingDecisions['set']>[0], replaces: (row: Standing) => boolean): void {
    if (this.full) throw new StationError('S02');
    this.rows = [
      ...this.rows.filter((row) => !replaces(row)),
      { ...entry, at: '2026-11-23T08:00:00.000Z', position: 0 },
    ];
  }
}
