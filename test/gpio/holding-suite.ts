import { deepEqual, equal, match, notEqual, ok, rejects, throws } from 'node:assert/strict';
import type { Behaviour } from './line-rig.ts';
import { button, openDrain, pushPull, statesWhileOpening } from './suite-steps.ts';

/** Who may have a line, and what becomes of it afterwards. */
export const holdingSuite: readonly Behaviour[] = [
  {
    name: 'closing the driver releases every line and leaves nobody holding one',
    check: async (rig) => {
      rig.world(11, 'high');
      const driver = await rig.openDriver();
      rig.world(23, 'low');
      const line = await driver.openOutput(openDrain(11), 'nest 1 rst');
      const lamp = await driver.openOutput(pushPull(23, 'high'), 'nest 1 pass');
      await driver.openInput(button(12), 'nest 1 button');
      line.set(true);
      lamp.set(true);
      for (const bcm of [11, 12, 23]) notEqual(rig.holder(bcm), null);
      await driver[Symbol.asyncDispose]();
      deepEqual([rig.level(11), rig.level(23)], ['high', 'low']);
      for (const bcm of [11, 12, 23]) equal(rig.holder(bcm), null);
    },
  },
  {
    name: 'a line cannot be opened twice, and the first use is named',
    check: async (rig) => {
      await using driver = await rig.openDriver();
      const line = await driver.openOutput(pushPull(18, 'high'), 'nest 1 pass');
      await rejects(driver.openInput(button(18), 'nest 2 button'), (error: Error & { readonly code?: string }) => {
        equal(error.code, 'S03');
        match(error.message, /GPIO18 for nest 2 button .*nest 1 pass/);
        return true;
      });
      line[Symbol.dispose]();
      await driver.openInput(button(18), 'nest 2 button');
    },
  },
  {
    name: 'a line that another program holds is refused, and left to it',
    needs: 'kernel',
    check: async (rig) => {
      using other = rig.occupy(19);
      await using driver = await rig.openDriver();
      await rejects(driver.openOutput(openDrain(19), 'nest 1 rst'), (error: Error & { readonly code?: string }) => {
        equal(error.code, 'S03');
        match(error.message, /GPIO19\b.* is in use by/);
        ok(error.message.includes(`"${other.name}"`), error.message);
        return true;
      });
      equal(rig.holder(19), other.name);
    },
  },
  {
    name: 'no other program gets a line that the station holds, until it gives the line back',
    needs: 'kernel',
    check: async (rig) => {
      await using driver = await rig.openDriver();
      const lines = [
        await driver.openOutput(openDrain(21), 'nest 1 rst'),
        await driver.openInput(button(22), 'nest 1 button'),
      ];
      for (const bcm of [21, 22]) throws(() => rig.occupy(bcm), { code: 'EBUSY' });
      for (const line of lines) line[Symbol.dispose]();
      for (const bcm of [21, 22]) rig.occupy(bcm)[Symbol.dispose]();
    },
  },
  {
    name: 'a line that the header does not have is refused',
    needs: 'kernel',
    check: async (rig) => {
      await using driver = await rig.openDriver();
      const detail = 'GPIO28 for nest 1 rst does not exist: the header has GPIO0 to GPIO27.';
      await rejects(driver.openOutput(openDrain(28), 'nest 1 rst'), { code: 'S03', detail });
    },
  },
  {
    name: 'a killed program leaves the level that the kernel keeps, and the next opening releases the line',
    needs: 'kernel',
    check: async (rig) => {
      rig.world(20, 'high');
      await rig.leaveByKill(openDrain(20), 'nest 1 rst');
      equal(rig.level(20), rig.levelAfterKill);
      deepEqual(await statesWhileOpening(rig, openDrain(20)), ['released']);
      deepEqual([rig.level(20), rig.holder(20)], ['high', null]);
    },
  },
];
