import { expect, test, vi } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import type { StandingDecisions } from '../../src/nest/standing.ts';
import { said } from '../alarms/run-traces.ts';
import { behaviourStation, goodModule } from '../support/behaviour-station.ts';
import { run, runToEnd, untilIdle } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

const mac = '5c:cf:7f:77:77:77';

/** The storage refuses each hold until this is called. */
function refuseHolds({ station }: VirtualStation): () => void {
  const standing: StandingDecisions = station.ledger.standing;
  const set = standing.set.bind(standing);
  const refusing = vi.spyOn(standing, 'set').mockImplementation((entry) => {
    if (entry.kind === 'hold') throw new StationError('S01', 'The storage is busy.');
    set(entry);
  });
  return () => refusing.mockRestore();
}

function duplicateAlarms(at: VirtualStation): string[] {
  const alarms = at.told.flatMap(({ event }) => (event.kind === 'alarm' ? [event.alarm] : []));
  return said(alarms.filter(({ slug }) => slug === 'duplicate-mac'));
}

/** Two modules with one MAC have been seen, and that could not be saved. */
async function withUnsavedHold(): Promise<{ readonly at: VirtualStation; readonly allow: () => void }> {
  const at = await behaviourStation({ nests: 2, module: () => goodModule({ mac }) });
  const allow = refuseHolds(at);
  for (const nest of [1, 2]) at.button(nest).pull('low');
  await at.elapse(100);
  for (const nest of [1, 2]) at.button(nest).pull(null);
  await untilIdle(at);
  expect(at.station.ledger.runs().map(({ code }) => code)).toEqual(['D04', 'D04']);
  expect(at.station.ledger.standing.of('hold')).toEqual([]);
  at.nest(2).remove();
  return { at, allow };
}

test('a MAC whose hold could not be saved is held all the same, and on disk once the storage works', async () => {
  const { at, allow } = await withUnsavedHold();
  await using _station = at;
  expect(duplicateAlarms(at)).toEqual(['+duplicate-mac']);
  expect(await run(at)).toMatchObject({ outcome: 'FAIL', code: 'D04' });
  expect(at.station.ledger.standing.of('hold')).toEqual([]);
  allow();
  await runToEnd(at);
  expect(at.station.ledger.runs()[0]).toMatchObject({ code: 'D04' });
  expect(at.station.ledger.standing.of('hold')).toMatchObject([{ key: mac, value: 'D04', who: 'station' }]);
});

test('a hold that is not saved yet is saved at an orderly stop', async () => {
  const { at, allow } = await withUnsavedHold();
  await using _station = at;
  allow();
  await at.stop();
  await at.start();
  expect(at.station.ledger.standing.of('hold')).toMatchObject([{ key: mac, value: 'D04' }]);
  expect(await run(at)).toMatchObject({ outcome: 'FAIL', code: 'D04' });
});

test('a hold that is not saved yet ends with the release of its module', async () => {
  const { at, allow } = await withUnsavedHold();
  await using _station = at;
  allow();
  expect(await at.station.actions.perform({ verb: 'release', mac }, 'eve')).toBe(
    `The module ${mac} is held no longer and may be tried again.`,
  );
  expect(duplicateAlarms(at)).toEqual(['+duplicate-mac', '-duplicate-mac']);
  expect(await run(at)).toMatchObject({ outcome: 'PASS' });
  expect(at.station.ledger.standing.of('hold')).toEqual([]);
});
