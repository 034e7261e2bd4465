import { silentLogger } from '../../src/foundation/logger.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import { DuplicateMacs } from '../../src/nest/duplicate-macs.ts';
import { noHistory } from '../../src/nest/module-history.ts';
import type { ModuleHistory } from '../../src/nest/module-history.ts';
import type { Standing, StandingDecisions, StandingEntry } from '../../src/nest/standing.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';

/** Decisions in memory. */
export class RememberedDecisions implements StandingDecisions {
  readonly entries: Standing[] = [];

  of(kind: Standing['kind'], key?: string): Standing[] {
    return this.entries.filter((entry) => entry.kind === kind && (key === undefined || entry.key === key));
  }

  set(entry: StandingEntry): void {
    this.#drop(entry.kind, entry.key);
    this.add(entry);
  }

  add(entry: StandingEntry): void {
    this.entries.push({ ...entry, at: '2026-03-14T08:21:07.412Z', position: 0 });
  }

  end(kind: Standing['kind'], key: string): boolean {
    return this.#drop(kind, key);
  }

  #drop(kind: Standing['kind'], key: string): boolean {
    const at = this.entries.findIndex((entry) => entry.kind === kind && entry.key === key);
    if (at >= 0) this.entries.splice(at, 1);
    return at >= 0;
  }
}

/** The duplicates of a station whose record is in memory. */
export function rememberedDuplicates(
  clock: Clock,
  tell: (event: StationEvent) => void = () => undefined,
  standing: StandingDecisions = new RememberedDecisions(),
): DuplicateMacs {
  const modules = { runsWith: () => ({ runs: 0, passed: 0 }) };
  return new DuplicateMacs({ record: () => ({ standing, modules }), clock, log: silentLogger(), tell });
}

/** What is known of a module: nothing but this. */
export function historyWith(changes: Partial<ModuleHistory> = {}): ModuleHistory {
  return { ...noHistory, ...changes };
}
