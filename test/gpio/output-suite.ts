import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Behaviour } from './line-rig.ts';
import { drivesBothWays, openDrain, pushPull, statesWhileOpening } from './suite-steps.ts';

/** What a line that the station drives does. */
export const outputSuite: readonly Behaviour[] = [
  {
    name: 'an open-drain output opens released',
    check: async (rig) => {
      rig.world(0, 'high');
      deepEqual(await statesWhileOpening(rig, openDrain(0)), ['released']);
      equal(rig.level(0), 'high');
    },
  },
  {
    name: 'a push-pull output that is active high opens low, and is never anything else on the way',
    check: async (rig) => {
      rig.world(1, 'low');
      deepEqual(await statesWhileOpening(rig, pushPull(1, 'high')), ['low']);
    },
  },
  {
    name: 'a push-pull output that is active low opens high, and is never anything else on the way',
    check: async (rig) => {
      rig.world(2, 'high');
      deepEqual(await statesWhileOpening(rig, pushPull(2, 'low')), ['high']);
    },
  },
  {
    name: 'an open-drain output is low while it is active, and what the resistor makes it otherwise',
    check: async (rig) => {
      rig.world(3, 'high');
      await using driver = await rig.openDriver();
      const line = await driver.openOutput(openDrain(3), 'nest 1 rst');
      for (const active of [true, false, true]) {
        line.set(active);
        equal(rig.level(3), active ? 'low' : 'high');
      }
      line[Symbol.dispose]();
      equal(rig.level(3), 'high');
    },
  },
  {
    name: 'an open-drain output is never driven high, from opening to closing',
    check: async (rig) => {
      rig.world(4, 'low');
      const states = await rig.drivenDuring(4, async () => {
        await using driver = await rig.openDriver();
        using line = await driver.openOutput(openDrain(4), 'nest 1 gpio0');
        for (const active of [true, false, true, false]) line.set(active);
        equal(rig.level(4), 'low');
      });
      ok(states.includes('low') && states.includes('released') && !states.includes('high'), states.join());
    },
  },
  {
    name: 'a push-pull output that is active high is driven both ways, against the resistor',
    check: (rig) => drivesBothWays(rig, pushPull(5, 'high'), pushPull(6, 'high')),
  },
  {
    name: 'a push-pull output that is active low is driven both ways, against the resistor',
    check: (rig) => drivesBothWays(rig, pushPull(7, 'low'), pushPull(8, 'low')),
  },
];
