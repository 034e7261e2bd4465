import { deepEqual, equal } from 'node:assert/strict';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { DriveRecord } from './drive-record.ts';
import { GuestStation } from './guest-station.ts';
import { lampNames, nestCount } from './header-bench.ts';
import type { HeaderNest } from './header-bench.ts';
import type { GuestBehaviour } from './guest-behaviour.ts';

/** What a whole station does with lines of a real kernel, in processes of their own for station and bench. */
export const stationSuite: readonly GuestBehaviour[] = [
  {
    name: 'four nests at once: from the press to green; a kill while RST is low; release-lines',
    check: async (driver) => {
      using station = await GuestStation.open();
      const { bench } = station;
      for (const { number } of bench.nests) station.insert(number);
      {
        await using daemon = await station.start();
        equal(daemon.logged('line-driver')?.['driver'], driver);
        await Promise.all(bench.nests.map(({ number }) => station.pass(number)));
        for (const nest of bench.nests) deepEqual(lampsOf(nest), { pass: 'high', fail: 'low', busy: 'low' });
        deepEqual((await station.story()).toSorted(), ['nest 1 PASS', 'nest 2 PASS', 'nest 3 PASS', 'nest 4 PASS']);
        station.insert(1);
        await bench.nest(1).press('rst', () => daemon.kill('SIGKILL'));
        equal(await daemon.ended(), null);
      }
      equal(bench.nest(1).level('rst'), 'low');
      for (const number of [2, 3, 4]) equal(bench.nest(number).level('pass'), 'high');
      const { code, out, err } = await station.command(['release-lines']);
      deepEqual([code, out, err], [0, '24 of 24 lines are in their safe state.', '']);
      deepEqual([bench.unsafeLines(), bench.holders()], [[], []]);
      await using _next = await station.start();
      await station.pass(1);
      deepEqual((await station.story()).slice(nestCount), ['nest 1 ABORTED S05', 'nest 1 PASS']);
    },
  },
  {
    name: 'a kill while RST and GPIO0 are low or in mid-write is made good by the next start; SIGTERM leaves nothing behind',
    check: async () => {
      using station = await GuestStation.open();
      const [first, second, third] = [station.bench.nest(1), station.bench.nest(2), station.bench.nest(3)];
      {
        await using daemon = await station.start();
        station.insert(1);
        await first.press('gpio0', () => daemon.kill('SIGKILL'));
        equal(await daemon.ended(), null);
        deepEqual(strapsOf(first), ['low', 'low']);
      }
      {
        await using daemon = await station.start();
        deepEqual(strapsOf(first), ['high', 'high']);
        await station.pass(1);
        station.insert(2, 'real');
        await station.runUntilWriting(2, () => daemon.kill('SIGKILL'));
        equal(await daemon.ended(), null);
        // The loader is running by then, so nobody holds the module in reset; but the lamps are as they were.
        deepEqual([strapsOf(second), first.level('pass')], [['high', 'high'], 'high']);
      }
      {
        await using daemon = await station.start();
        deepEqual([strapsOf(second), first.level('pass'), second.level('pass')], [['high', 'high'], 'low', 'low']);
        await station.pass(2);
        station.insert(3, 'real');
        await station.runUntilWriting(3, () => daemon.kill('SIGTERM'));
        equal(await daemon.ended(), 0);
      }
      deepEqual([station.bench.unsafeLines(), station.bench.holders()], [[], []]);
      deepEqual(strapsOf(third), ['high', 'high']);
      deepEqual(await station.story(), [
        'nest 1 ABORTED S05',
        'nest 1 PASS',
        'nest 2 ABORTED S05',
        'nest 2 PASS',
        'nest 3 ABORTED O01',
      ]);
    },
  },
  {
    name: 'killed while green: no lamp stays lit; started again while the module is still in: nothing starts by itself',
    check: async () => {
      using station = await GuestStation.open();
      const nest = station.bench.nest(1);
      station.insert(1);
      {
        await using daemon = await station.start();
        await station.pass(1);
        daemon.kill('SIGKILL');
        equal(await daemon.ended(), null);
      }
      equal(nest.level('pass'), 'high');
      // As ExecStopPost of the unit does.
      equal((await station.command(['release-lines'])).code, 0);
      deepEqual(lampsOf(nest), { pass: 'low', fail: 'low', busy: 'low' });
      const driven = await new DriveRecord().during(nest.lines.rst, async () => {
        await using daemon = await station.start();
        await systemClock.sleep(quietMs);
        daemon.kill('SIGTERM');
        equal(await daemon.ended(), 0);
      });
      // The station takes the line, and lets it rest: a run would pull it low.
      deepEqual(new Set(driven), new Set(['released']));
      deepEqual(await station.story(), ['nest 1 PASS']);
      deepEqual([station.bench.unsafeLines(), station.bench.holders()], [[], []]);
    },
  },
];

/** Long enough for a run that nobody started to pull RST. */
const quietMs = 5_000;

function lampsOf(nest: HeaderNest): Readonly<Record<string, string>> {
  return Object.fromEntries(lampNames.map((lamp) => [lamp, nest.level(lamp)]));
}

function strapsOf(nest: HeaderNest): readonly string[] {
  return [nest.level('rst'), nest.level('gpio0')];
}
