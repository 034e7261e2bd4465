import { silentLogger } from '../../src/foundation/logger.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import { DuplicateMacs } from '../../src/nest/identity/duplicate-macs.ts';
import { noHistory } from '../../src/nest/identity/module-history.ts';
import type { ModuleHistory } from '../../src/nest/identity/module-history.ts';
import type { StandingDecisions } from '../../src/nest/standing.ts';
import type { StationEvent } from '../../src/nest/station-event.ts';
import { MemoryStanding } from './memory-standing.ts';

/** The duplicates of a station whose record is in memory. */
export function rememberedDuplicates(
  clock: Clock,
  tell: (event: StationEvent) => void = () => undefined,
  standing: StandingDecisions = new MemoryStanding(),
): DuplicateMacs {
  const modules = { runsWith: () => ({ runs: 0, passed: 0 }) };
  return new DuplicateMacs({ record: () => ({ standing, modules }), clock, log: silentLogger(), tell });
}

/** What is known of a module: nothing but this. */
export function historyWith(changes: Partial<ModuleHistory> = {}): ModuleHistory {
  return { ...noHistory, ...changes };
}
