import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byTurns, compileGuest, failuresOf, findGpioVm, runGuest, whySkipped } from './gpio-vm.ts';
import type { GuestResult } from './gpio-vm.ts';
import { stationSuite } from './station-suite.ts';
import { foreignChipSuite, troubleSuite } from './trouble-suite.ts';

const gpioVm = findGpioVm();

const onHeader = [...stationSuite, ...troubleSuite].map(({ name }) => name);
const onForeign = foreignChipSuite.map(({ name }) => name);
const machines = [
  { title: 'on a Pi 4 through sysfs', options: ['--board', 'pi4'], suite: 'station', names: onHeader },
  {
    title: 'on a Pi 5 through the character device',
    options: ['--board', 'pi5', '--no-sysfs'],
    suite: 'station',
    names: onHeader,
  },
  { title: 'on a chip that is no header', options: ['--label', 'gpio-other'], suite: 'foreign', names: onForeign },
];

let guest: Awaited<ReturnType<typeof compileGuest>> | undefined;
let runs: readonly Promise<readonly GuestResult[]>[] = [];

beforeAll(async () => {
  if (gpioVm === null) return;
  const path = (guest = await compileGuest()).path('station');
  runs = byTurns(
    machines.map(
      ({ options, suite }) =>
        () =>
          runGuest(gpioVm, options, path, [suite]),
    ),
  );
  for (const each of runs) each.catch(() => undefined);
});
afterAll(() => guest?.[Symbol.dispose]());

describe.skipIf(gpioVm === null)(`the whole station on a real kernel${whySkipped}`, () => {
  describe.for(machines.map((machine, index) => ({ ...machine, index })))('$title', ({ index, names }) => {
    // A machine that does not come up fails each of its tests, with what it said.
    test.for(names)('%s', async (name) => {
      const own = ((await runs[index]) ?? []).filter((each) => each.name === name);
      expect(own).toHaveLength(1);
      expect(failuresOf(own)).toEqual([]);
    });
  });
});
