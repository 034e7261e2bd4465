import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { watchDebounced } from '../../src/gpio/debounce.ts';
import type { Behaviour } from './line-rig.ts';
import { button, until } from './suite-steps.ts';

const silenceMs = 50;
/** Longer than the station allows, so that a slow machine bounces in time. */
const slowBounceMs = 300;

/** What a line that the station watches does. */
export const inputSuite: readonly Behaviour[] = [
  {
    name: 'an input is active at its active level',
    check: async (rig) => {
      rig.world(9, 'low');
      rig.world(10, 'low');
      await using driver = await rig.openDriver();
      const low = await driver.openInput(button(9), 'nest 1 button');
      const high = await driver.openInput({ ...button(10), active: 'high' }, 'nest 2 button');
      deepEqual([low.read(), high.read()], [true, false]);
      rig.world(9, 'high');
      rig.world(10, 'high');
      deepEqual([low.read(), high.read()], [false, true]);
    },
  },
  {
    name: 'edges are reported one by one, with the level after each',
    check: async (rig) => {
      rig.world(13, 'high');
      await using driver = await rig.openDriver();
      const line = await driver.openInput(button(13), 'nest 1 button');
      const seen: boolean[] = [];
      using _watch = line.watch((active) => seen.push(active));
      for (let count = 1; count <= 6; count += 1) {
        rig.world(13, count % 2 === 1 ? 'low' : 'high');
        await until(() => seen.length >= count, `edge ${count}`);
      }
      deepEqual(seen, [true, false, true, false, true, false]);
    },
  },
  {
    name: 'a burst of edges is reported whole and in order',
    needs: 'bursts',
    check: async (rig) => {
      rig.world(14, 'high');
      await using driver = await rig.openDriver();
      const line = await driver.openInput(button(14), 'nest 1 button');
      const seen: boolean[] = [];
      using _watch = line.watch((active) => seen.push(active));
      const edges = 60;
      for (let count = 1; count <= edges; count += 1) rig.world(14, count % 2 === 1 ? 'low' : 'high');
      await until(() => seen.length >= edges, `${edges} edges`);
      deepEqual(
        seen,
        Array.from({ length: edges }, (_, index) => index % 2 === 0),
      );
    },
  },
  {
    name: 'a contact that bounces is one press and one release',
    check: async (rig) => {
      rig.world(24, 'high');
      await using driver = await rig.openDriver();
      const line = await driver.openInput(button(24), 'nest 1 button');
      const seen: boolean[] = [];
      const fault = (error: unknown): void => ok(false, String(error));
      using _watch = watchDebounced(line, systemClock, slowBounceMs, (active) => seen.push(active), fault);
      const toggled = [
        { level: 'low', other: 'high' },
        { level: 'high', other: 'low' },
      ] as const;
      for (const [count, { level, other }] of toggled.entries()) {
        for (const each of [level, other, level, other, level]) rig.world(24, each);
        await until(() => seen.length > count, 'the change');
        // Whatever the bounces left to be told comes by then.
        await systemClock.sleep(slowBounceMs + silenceMs);
      }
      deepEqual(seen, [true, false]);
    },
  },
  {
    name: 'a watch that has ended is silent, and a new one hears nothing of the time between',
    check: async (rig) => {
      rig.world(15, 'high');
      await using driver = await rig.openDriver();
      const line = await driver.openInput(button(15), 'nest 1 button');
      const first: boolean[] = [];
      line.watch((active) => first.push(active))[Symbol.dispose]();
      rig.world(15, 'low');
      await systemClock.sleep(silenceMs);
      const second: boolean[] = [];
      using _watch = line.watch((active) => second.push(active));
      await systemClock.sleep(silenceMs);
      // sysfs tells a new watcher the present level once; what counts is that it is not an older one.
      ok(second.every((active) => active));
      second.length = 0;
      rig.world(15, 'high');
      await until(() => second.length > 0, 'the edge');
      deepEqual([first, second], [[], [false]]);
    },
  },
  {
    name: 'a pull gives an input its level',
    needs: 'pulls',
    check: async (rig) => {
      rig.world(16, 'low');
      rig.world(17, 'high');
      await using driver = await rig.openDriver();
      const up = await driver.openInput({ ...button(16), pull: 'up' }, 'nest 1 button');
      equal(up.read(), false);
      equal(rig.level(16), 'high');
      using off = await driver.openInput({ ...button(17), pull: 'off' }, 'nest 2 button');
      equal(off.read(), false);
    },
  },
  {
    name: 'a pull that the driver cannot set is refused',
    without: 'pulls',
    check: async (rig) => {
      await using driver = await rig.openDriver();
      const asked = driver.openInput({ ...button(16), pull: 'up' }, 'nest 1 button');
      await rejects(asked, {
        code: 'S03',
        detail: 'GPIO16 for nest 1 button asks for a pull, which sysfs cannot set.',
      });
    },
  },
];
