import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseDriver } from '../../src/gpio/choose-driver.ts';
import type { LineSpec } from '../../src/gpio/line.ts';
import { PosingSysfs } from './posing-sysfs.ts';

const plain: LineSpec = { bcm: 5, active: 'low', drive: 'open-drain' };
const pulled: LineSpec = { bcm: 4, active: 'low', drive: 'open-drain', pull: 'up' };

test.for([
  {
    what: 'the driver that the station file names',
    wish: 'onoff',
    specs: [plain],
    choice: { driver: 'onoff', why: 'the station file asks for it' },
  },
  {
    what: 'the character device when the station file names it, although there is sysfs',
    wish: 'chardev',
    specs: [plain],
    choice: { driver: 'chardev', why: 'the station file asks for it' },
  },
  { what: 'onoff', wish: 'auto', specs: [plain], choice: { driver: 'onoff', why: 'sysfs GPIO is there' } },
  {
    what: 'the character device when a line asks for a pull',
    wish: 'auto',
    specs: [plain, pulled],
    choice: { driver: 'chardev', why: 'GPIO4 asks for a pull, which sysfs cannot set' },
  },
] as const)('$wish takes $what', async ({ wish, specs, choice }) => {
  using sysfs = new PosingSysfs();
  expect(await chooseDriver(wish, specs, sysfs.root)).toEqual(choice);
});

test('auto takes the character device when the kernel exports no lines', async () => {
  using sysfs = new PosingSysfs([], false);
  const choice = { driver: 'chardev', why: 'sysfs GPIO is missing' };
  expect(await chooseDriver('auto', [plain], sysfs.root)).toEqual(choice);
  expect(await chooseDriver('auto', [plain], `${sysfs.root}/nothing`)).toEqual(choice);
});

test('auto stays with onoff when only permission is missing, so that the missing group is told', async () => {
  using sysfs = new PosingSysfs();
  chmodSync(join(sysfs.root, 'export'), 0o000);
  expect(await chooseDriver('auto', [plain], sysfs.root)).toMatchObject({ driver: 'onoff' });
});
