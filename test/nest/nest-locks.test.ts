import { expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { silentLogger } from '../../src/foundation/logger.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { BlockReason } from '../../src/nest/nest-blocks.ts';
import { NestLocks } from '../../src/nest/nest-locks.ts';
import type { LockableNest } from '../../src/nest/nest-locks.ts';
import type { StandingDecisions } from '../../src/nest/standing.ts';
import type { Place } from '../../src/nest/station-actions.ts';
import type { Alarm } from '../../src/nest/station-event.ts';
import { said } from '../alarms/run-traces.ts';
import { failed, opening, temporaryFolder } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Two nests that only remember what blocks them, on a real ledger. */
function bench(standing: StandingDecisions, clock: VirtualClock) {
  const blocks = new Map<number, Map<BlockReason, StationError>>([
    [1, new Map()],
    [2, new Map()],
  ]);
  const nests = [...blocks].map(([number, own]): LockableNest => ({
    number,
    block: (reason, fault) => void own.set(reason, fault),
    unblock: (reason) => void own.delete(reason),
  }));
  const alarms: Alarm[] = [];
  const unlocked: Place[] = [];
  const locks = new NestLocks({
    ...{ nests, standing, clock, log: silentLogger() },
    tell: (event) => {
      if (event.kind === 'alarm') alarms.push(event.alarm);
    },
    onUnlocked: (place) => void unlocked.push(place),
  });
  const blocked = (): string[] => [...blocks].flatMap(([nest, own]) => [...own.keys()].map((why) => `${nest} ${why}`));
  return { locks, alarms, unlocked, blocked, faultOf: (nest: number) => [...(blocks.get(nest)?.values() ?? [])][0] };
}

async function opened() {
  const folder = temporaryFolder();
  const clock = new VirtualClock();
  const path = folder.file('ledger.sqlite');
  const ledger = await Ledger.open(path, { clock });
  return {
    ...{ ledger, clock, path },
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

const cause = new StationError('C01', 'There were 3 failures of the contact in a row, the last one C01.');

test('a lock of a nest blocks that nest with S07 and the cause, raises its alarm and is on disk', async () => {
  using here = await opened();
  const { locks, alarms, blocked, faultOf } = bench(here.ledger.standing, here.clock);
  locks.lock(2, cause, 'station');
  expect(blocked()).toEqual(['2 locked']);
  expect(faultOf(2)).toMatchObject({ code: 'S07', detail: cause.detail });
  expect([locks.isLocked(1), locks.isLocked(2), locks.isLocked('station')]).toEqual([false, true, false]);
  expect(alarms).toEqual([
    { slug: 'nest-locked-2', active: true, nest: 2, code: 'S07', detail: cause.detail, since: here.clock.now() },
  ]);
  expect(here.ledger.standing.of('lock')).toMatchObject([
    { key: '2', value: 'C01', detail: cause.detail, who: 'station' },
  ]);
});

test('a lock of the station blocks every nest, beside the lock of one of them', async () => {
  using here = await opened();
  const { locks, alarms, blocked, unlocked } = bench(here.ledger.standing, here.clock);
  locks.lock('station', new StationError('S07', 'The supply is looked at.'), 'badge-7');
  locks.lock(1, cause, 'station');
  expect(blocked()).toEqual(['1 station-locked', '1 locked', '2 station-locked']);
  expect(locks.unlock('station', 'badge-7')).toBe(true);
  expect(blocked()).toEqual(['1 locked']);
  expect(said(alarms)).toEqual(['+station-locked', '+nest-locked-1', '-station-locked']);
  expect(unlocked).toEqual(['station']);
});

test('unlocking says from which run on failures count again; what is not locked cannot be unlocked', async () => {
  using here = await opened();
  const { locks, blocked } = bench(here.ledger.standing, here.clock);
  here.ledger.openRun(opening('r1'));
  here.ledger.closeRun('r1', failed(), { finishedAt: 1e12 });
  expect(locks.unlock(1, 'badge-7')).toBe(false);
  expect(here.ledger.standing.of('unlock')).toEqual([]);
  locks.lock(1, cause, 'station');
  expect(locks.unlock(1, 'badge-7')).toBe(true);
  expect(blocked()).toEqual([]);
  expect(here.ledger.standing.of('lock')).toEqual([]);
  expect(here.ledger.standing.of('unlock', '1')).toMatchObject([{ position: 1, who: 'badge-7' }]);
  expect(locks.unlock(1, 'badge-7')).toBe(false);
});

test('the locks that stand are there again after a restart, with the time at which they began', async () => {
  using here = await opened();
  const since = here.clock.now();
  const first = bench(here.ledger.standing, here.clock);
  first.locks.lock('station', cause, 'station');
  first.locks.lock(2, cause, 'station');
  here.ledger.standing.set({ kind: 'lock', key: '9', value: 'C01', detail: null, who: 'station' });
  here.clock.advance(3_600_000);
  const second = bench(here.ledger.standing, here.clock);
  second.locks.restore();
  expect(second.blocked()).toEqual(['1 station-locked', '2 station-locked', '2 locked']);
  expect(second.alarms.map((alarm) => [alarm.slug, alarm.since])).toEqual([
    ['station-locked', since],
    ['nest-locked-2', since],
  ]);
  // Nest 9 may come back.
  expect(here.ledger.standing.of('lock', '9')).toHaveLength(1);
});

test('there is no lock of a nest that is not there', async () => {
  using here = await opened();
  const { locks, alarms } = bench(here.ledger.standing, here.clock);
  expect(() => locks.lock(9, cause, 'badge-7')).toThrow('There is no nest 9.');
  expect(here.ledger.standing.of('lock')).toEqual([]);
  expect(alarms).toEqual([]);
});

test('when it cannot be saved, a person is told and nothing is locked; a rule locks all the same', () => {
  const refuse = (): never => {
    throw new StationError('S02');
  };
  const full: StandingDecisions = { of: () => [], set: refuse, add: refuse, end: refuse };
  const { locks, blocked, alarms } = bench(full, new VirtualClock());
  expect(() => locks.lock(1, cause, 'badge-7')).toThrow('S02');
  expect(blocked()).toEqual([]);
  locks.lockByRule(1, cause);
  expect(blocked()).toEqual(['1 locked']);
  expect(() => locks.unlock(1, 'badge-7')).toThrow('S02');
  expect(blocked()).toEqual(['1 locked']);
  expect(said(alarms)).toEqual(['+nest-locked-1']);
});
