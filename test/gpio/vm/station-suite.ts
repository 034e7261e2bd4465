import { deepEqual, equal } from 'node:assert/strict';
import type { RunResult } from '../../../src/nest/run-result.ts';
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
        const lit = await Promise.all(bench.nests.map(({ number }) => station.run(number)));
        deepEqual(lit, ['pass', 'pass', 'pass', 'pass']);
        for (const nest of bench.nests) {
          deepEqual(lampsOf(nest), { pass: 'high', fail: 'low', busy: 'low' });
          equal(station.isFlashed(nest.number), true);
        }
        const runs = await station.runs();
        deepEqual(runs.map(ending), ['1 PASS', '2 PASS', '3 PASS', '4 PASS']);
        deepEqual(runs.map(({ nest }) => nest).sort(), [1, 2, 3, 4]);
        equal(new Set(runs.map(({ mac }) => mac)).size, nestCount);
        station.insert(1);
        await bench.nest(1).press(() => daemon.kill('SIGKILL'));
        equal(await daemon.ended(), null);
      }
      equal(bench.nest(1).level('rst'), 'low');
      for (const number of [2, 3, 4]) equal(bench.nest(number).level('pass'), 'high');
      const { code, out, err } = await station.command(['release-lines']);
      deepEqual([code, out, err], [0, '24 of 24 lines are in their safe state.', '']);
      deepEqual([bench.unsafeLines(), bench.holders()], [[], []]);
      await using _next = await station.start();
      equal(await station.run(1), 'pass');
      deepEqual((await station.runs()).slice(4).map(ending), ['5 ABORTED S05', '6 PASS']);
    },
  },
  {
    name: 'a kill while RST is low or in mid-write is made good by the next start; SIGTERM leaves nothing behind',
    check: async () => {
      using station = await GuestStation.open();
      const [first, second, third] = [station.bench.nest(1), station.bench.nest(2), station.bench.nest(3)];
      {
        await using daemon = await station.start();
        station.insert(1);
        await first.press(() => daemon.kill('SIGKILL'));
        equal(await daemon.ended(), null);
        equal(first.level('rst'), 'low');
      }
      {
        await using daemon = await station.start();
        deepEqual(strapsOf(first), ['high', 'high']);
        equal(await station.run(1), 'pass');
        station.insert(2, 'real');
        await station.runUntilWriting(2, () => daemon.kill('SIGKILL'));
        equal(await daemon.ended(), null);
        // The loader is running by then, so nobody holds the module in reset; but the lamps are as they were.
        deepEqual([strapsOf(second), first.level('pass')], [['high', 'high'], 'high']);
      }
      {
        await using daemon = await station.start();
        deepEqual([strapsOf(second), first.level('pass'), second.level('pass')], [['high', 'high'], 'low', 'low']);
        equal(await station.run(2), 'pass');
        equal(station.isFlashed(2), true);
        station.insert(3, 'real');
        await station.runUntilWriting(3, () => daemon.kill('SIGTERM'));
        equal(await daemon.ended(), 0);
      }
      deepEqual([station.bench.unsafeLines(), station.bench.holders()], [[], []]);
      deepEqual(strapsOf(third), ['high', 'high']);
      const endings = ['1 ABORTED S05', '2 PASS', '3 ABORTED S05', '4 PASS', '5 ABORTED O01'];
      deepEqual((await station.runs()).map(ending), endings);
    },
  },
];

function lampsOf(nest: HeaderNest): Readonly<Record<string, string>> {
  return Object.fromEntries(lampNames.map((lamp) => [lamp, nest.level(lamp)]));
}

function strapsOf(nest: HeaderNest): readonly string[] {
  return [nest.level('rst'), nest.level('gpio0')];
}

/** As in "2 ABORTED S05". */
function ending({ seq, outcome, code }: RunResult): string {
  return [seq ?? '-', outcome, ...(code === null ? [] : [code])].join(' ');
}
