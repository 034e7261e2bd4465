import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LockKeeper } from '../../src/alarms/lock-keeper.ts';
import { LockRules } from '../../src/alarms/lock-rules.ts';
import type { Standing, StandingDecisions } from '../../src/nest/standing.ts';
import type { Place } from '../../src/nest/station-actions.ts';
import { fail, runsOf } from './run-traces.ts';

const limits = { nestFails: 3, stationFails: 4 };
const off = { nestFails: null, stationFails: null };

function demandsAfter(text: string, wanted: ConstructorParameters<typeof LockRules>[0] = limits): Place[] {
  const rules = new LockRules(wanted, [1, 2]);
  for (const run of runsOf(text)) rules.take(run);
  return rules.demands().map(({ place }) => place);
}

describe('what locks', () => {
  test.for<{ runs: string; locks: Place[]; why: string }>([
    { runs: 'C01 C02', locks: [], why: 'two failures of the contact are not enough' },
    { runs: 'C01 C02 C06', locks: [1], why: 'three of the contact, whatever the code' },
    { runs: 'C01 C02 . C06', locks: [], why: 'a pass begins a new row' },
    { runs: 'C01 C02 A C06', locks: [1], why: 'an aborted run neither counts nor ends a row' },
    { runs: 'C01 C02 V01 C06', locks: ['station'], why: 'a failure of the module shows that there was contact' },
    { runs: 'C01 C01 S99', locks: [], why: 'the class must be the same' },
    { runs: 'S99 S99 S99', locks: [1], why: 'three of the station' },
    { runs: 'V01 V01 V01', locks: [], why: 'three of the module lock no nest' },
    { runs: 'V01@1 V01@2 D03@1 C01@2', locks: ['station'], why: 'four of any class over the nests' },
    { runs: 'V01@1 V01@2 .@1 D03@1 C01@2', locks: [], why: 'a pass of any nest ends the row of the station' },
    { runs: 'V01@1 V01@2 A@2 D03@1 C01@2', locks: ['station'], why: 'an aborted run does not' },
    { runs: 'S99@1 S99@2 S99@1 S99@2', locks: [], why: 'an error of a nest is nothing of the station' },
    { runs: 'C01@1 C01@2 C01@1 .@2 C01@1', locks: [1], why: 'the row of a nest is its own' },
    { runs: 'B02', locks: [1], why: 'a code that stops the nest' },
    { runs: 'D01@2', locks: [2], why: 'the other nest' },
    { runs: 'B02 .', locks: [], why: 'it has passed since' },
    { runs: 'S04', locks: [], why: 'what is stopped until it is mended needs no lock' },
  ])('$runs: $why', ({ runs, locks }) => {
    expect(demandsAfter(runs)).toEqual(locks);
  });

  test('off is off, but a code that stops the nest does', () => {
    expect(demandsAfter('C01 C01 C01 C01 C01', off)).toEqual([]);
    expect(demandsAfter('C01 C01 C01 B02', off)).toEqual([1]);
  });

  test.for(['golden', 'limit', 'engineering'] as const)('a %s run neither counts nor ends a row', (mode) => {
    const rules = new LockRules(limits, [1]);
    for (const run of runsOf('C01 C01')) rules.take(run);
    rules.take(fail('B02', { mode }));
    expect(rules.demands()).toEqual([]);
    rules.take({ ...fail('C01', { mode }), outcome: 'PASS', code: null });
    for (const run of runsOf('C01')) rules.take(run);
    expect(rules.demands()).toMatchObject([{ place: 1, fault: { code: 'C01' } }]);
  });

  test('says how many, of what kind, and the last code', () => {
    const rules = new LockRules(limits, [1]);
    for (const run of runsOf('C01 C02 C03 V01 B02')) rules.take(run);
    expect(rules.demands().map(({ fault }) => fault.detail)).toEqual([
      'A run ended with B02 STUCK_IN_LOADER, which stops the nest.',
      'There were 5 failures in a row, the last one B02.',
    ]);
  });
});

test('of a nest that has left the station file passes end a row, and failures make none', () => {
  const rules = new LockRules(limits, [1]);
  for (const run of runsOf('V01@2 V01@2 V01@2 V01@2 V01@2 V01@2 V01@1')) rules.take(run);
  expect(rules.demands()).toEqual([]);
  for (const run of runsOf('V01@1 V01@1 .@2 V01@1 V01@1')) rules.take(run);
  expect(rules.demands()).toEqual([]);
});

describe('unlocking', () => {
  test('a nest: its row begins anew, and its failures count for the station no more', () => {
    const rules = new LockRules(limits, [1, 2]);
    for (const run of runsOf('C01@1 C01@1 C01@1')) rules.take(run);
    rules.unlocked(1);
    expect(rules.demands()).toEqual([]);
    for (const run of runsOf('V01@2 V01@2 C01@1')) rules.take(run);
    expect(rules.demands()).toEqual([]);
    for (const run of runsOf('V01@2')) rules.take(run);
    expect(rules.demands().map(({ place }) => place)).toEqual(['station']);
  });

  test('the station: the rows of the nests go on', () => {
    const rules = new LockRules(limits, [1, 2]);
    for (const run of runsOf('V01@2 V01@2 C01@1 C01@1')) rules.take(run);
    rules.unlocked('station');
    expect(rules.demands()).toEqual([]);
    for (const run of runsOf('C01@1')) rules.take(run);
    expect(rules.demands().map(({ place }) => place)).toEqual([1]);
  });

  test('what is learnt from the ledger is what was known before, whatever happened', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('.', 'A', 'C01', 'C02', 'V01', 'B02', 'S99').map((run) => ({ run })) },
      { weight: 1, arbitrary: fc.constantFrom<Place>(1, 2, 'station').map((unlock) => ({ unlock })) },
    );
    const steps = fc.array(fc.tuple(step, fc.constantFrom(1, 2)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (happened) => {
        const live = new LockRules(limits, [1, 2]);
        const learnt = new LockKeeper(limits, [1, 2]);
        const unlockings = new Map<Place, number>();
        const runs = [];
        for (const [each, nest] of happened) {
          if ('unlock' in each) {
            live.unlocked(each.unlock);
            // Only the last one of a place is kept.
            unlockings.set(each.unlock, runs.length);
            continue;
          }
          const [run] = runsOf(`${each.run}@${nest}`);
          if (run === undefined) throw new Error('No run.');
          live.take(run);
          runs.push({ ...run, position: runs.length + 1 });
        }
        learnt.learn(runs, standingWith(unlockings));
        const locked: Place[] = [];
        learnt.lock({ isLockedByRule: () => false, lockByRule: (place) => void locked.push(place) });
        expect(locked).toEqual(live.demands().map(({ place }) => place));
      }),
    );
  });
});

function standingWith(unlockings: ReadonlyMap<Place, number>): StandingDecisions {
  const rows = [...unlockings].map(([place, position]): Standing => ({
    ...{ kind: 'unlock', key: String(place), value: 'S07', detail: null, at: '', who: 'tech' },
    position,
  }));
  const refuse = (): never => {
    throw new Error('Nothing is to be written.');
  };
  return { of: (kind) => (kind === 'unlock' ? rows : []), set: refuse, add: refuse, end: refuse };
}
