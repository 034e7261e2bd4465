import { StationError } from './foundation/faults.ts';
import type { Nest } from './nest/nest.ts';
import type { StandingDecisions } from './nest/standing.ts';
import type { Locks } from './open-actions.ts';

/** Locks that stand over a restart, and block the nests that they are about. */
export function openLocks(nests: readonly Nest[], standing: StandingDecisions): Locks {
  const block = (key: string, fault: StationError): void => {
    for (const nest of at(key)) nest.block(key === 'station' ? 'station-locked' : 'locked', fault);
  };
  const at = (key: string): readonly Nest[] =>
    nests.filter(({ number }) => key === 'station' || key === String(number));
  for (const { key, detail } of standing.of('lock')) block(key, new StationError('S07', detail ?? undefined));
  return {
    lock(place, fault, who) {
      const key = String(place);
      standing.set({ kind: 'lock', key, value: fault.code, detail: fault.detail, who });
      block(key, fault);
    },
    unlock(place, who) {
      const key = String(place);
      if (!standing.end('lock', key, who)) return false;
      for (const nest of at(key)) nest.unblock(key === 'station' ? 'station-locked' : 'locked');
      return true;
    },
  };
}
