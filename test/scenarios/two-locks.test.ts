import { expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { StationError } from '../../src/foundation/faults.ts';
import type { StandingDecisions } from '../../src/nest/standing.ts';
import type { Alarm } from '../../src/nest/station-event.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { behaviourStation, goodModule } from '../support/behaviour-station.ts';
import { atMoment, refusal, runToEnd } from '../support/station-steps.ts';
import type { VirtualStation } from '../support/virtual-station.ts';

const lunch = { verb: 'lock', place: 1, reason: 'lunch' } as const;
const stopped = 'A run ended with D01 WRONG_CHIP, which stops the nest.';

function locksOf({ station }: VirtualStation): (readonly [string, string | null, string])[] {
  return station.ledger.standing.of('lock').map(({ value, detail, who }) => [value, detail, who]);
}

function lastAlarm(at: VirtualStation): Alarm | undefined {
  return at.told.flatMap(({ event }) => (event.kind === 'alarm' ? [event.alarm] : [])).at(-1);
}

test('a code that stops the nest is its cause, also when somebody locks it during that run', async () => {
  await using at = await behaviourStation();
  at.insert(1, goodModule({ detectValue: 0x00f0_1d83 }));
  atMoment(at, 'connect', () => void at.station.actions.perform(lunch, 'eve'));
  await runToEnd(at);
  expect(at.station.ledger.runs()).toMatchObject([{ code: 'D01' }]);
  expect(locksOf(at)).toEqual([['D01', stopped, 'station']]);
  expect(lastAlarm(at)).toMatchObject({ slug: 'nest-locked-1', active: true, detail: stopped });
  expect(await refusal(at)).toMatchObject({ code: 'S07', detail: stopped });
  await at.stop();
  await at.start();
  expect(locksOf(at)).toEqual([['D01', stopped, 'station']]);
});

test('the third failure of the contact in a row is the cause of a nest that is locked for lunch', async () => {
  await using at = await behaviourStation();
  at.nest(1).remove();
  await runToEnd(at);
  await runToEnd(at);
  atMoment(at, 'connect', () => void at.station.actions.perform(lunch, 'eve'));
  await runToEnd(at);
  expect(locksOf(at)).toMatchObject([
    ['C01', 'There were 3 failures of the contact in a row, the last one C01.', 'station'],
  ]);
});

test('somebody who locks a nest that a rule has locked is told so, and the cause stays', async () => {
  await using at = await behaviourStation();
  at.insert(1, goodModule({ detectValue: 0x00f0_1d83 }));
  await runToEnd(at);
  const before = locksOf(at);
  expect(await at.station.actions.perform(lunch, 'eve')).toBe(
    `Nest 1 is locked already and stays so until \`jigd unlock\`, D01: ${stopped}`,
  );
  expect([locksOf(at), before[0]?.[0]]).toEqual([before, 'D01']);
  expect(await refusal(at)).toMatchObject({ detail: stopped });
});

test('a lock of somebody gives way to that of somebody else', async () => {
  await using at = await behaviourStation();
  await at.station.actions.perform(lunch, 'eve');
  expect(await at.station.actions.perform({ ...lunch, reason: 'The pins are worn.' }, 'bob')).toBe(
    'Nest 1 is locked: The pins are worn.',
  );
  expect(locksOf(at)).toEqual([['S07', 'The pins are worn.', 'bob']]);
});

test('a lock and a sample are seen in `jigd status`, the lock also when it could not be saved', async () => {
  using folder = temporaryFolder();
  const socket = folder.file('control.sock');
  await using at = await behaviourStation({ setup: () => ({ controlSocket: socket }) });
  expect(await at.station.control?.listening).toBe(true);
  const status = async (): Promise<string> => {
    let printed = '';
    const print = (text: string): void => void (printed += text);
    await runCommandLine(['node', 'jigd', 'status', '--socket', socket], { out: print, err: print, errColumns: null });
    return printed;
  };
  await at.station.actions.perform({ verb: 'next-run', nest: 1, mode: 'limit' }, 'eve');
  expect(await status()).toContain(
    '\nNest 1 is to judge a limit sample next; `jigd sample none --nest 1` takes it back.\n',
  );
  await at.station.actions.perform({ verb: 'next-run', nest: 1, mode: 'production' }, 'eve');
  expect(await status()).not.toContain('sample');

  const standing: StandingDecisions = at.station.ledger.standing;
  using refusing = vi.spyOn(standing, 'set').mockImplementation(() => {
    throw new StationError('S02');
  });
  at.insert(1, goodModule({ detectValue: 0x00f0_1d83 }));
  await runToEnd(at);
  expect(refusing).toHaveBeenCalled();
  expect(await status()).toMatch(
    new RegExp(`\nNest 1 is locked since \\S+ by station, D01, which could not be saved yet: ${stopped}\n`),
  );
});
