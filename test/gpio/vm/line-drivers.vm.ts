import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DriverWish } from '../../../src/gpio/choose-driver.ts';
import { lineSuite } from '../line-suite.ts';
import { chardevSuite } from './chardev-suite.ts';
import { onoffSuite } from './onoff-suite.ts';
import { byTurns, compileGuest, failuresOf, findGpioVm, runGuest, whySkipped } from './gpio-vm.ts';
import type { GuestResult } from './gpio-vm.ts';

const gpioVm = findGpioVm();

interface Machine {
  readonly board: string;
  readonly kernel: string;
  readonly options: readonly string[];
  readonly drivers: readonly DriverWish[];
}

/** Behaviours that a driver must at least have shown, so that a suite that has lost its rig cannot pass. */
const everywhere = lineSuite.filter(({ needs, without }) => without === undefined && (needs ?? 'kernel') === 'kernel');
const least = {
  onoff: everywhere.length + 1 + onoffSuite.length,
  chardev: lineSuite.length - 1 + chardevSuite.length,
  auto: everywhere.length,
};

const boards = ['pi3', 'pi4', 'pi5', 'pi5d0'];
const machines: readonly Machine[] = [
  ...boards.map((board) => ({ board, kernel: 'with sysfs', options: [], drivers: ['onoff', 'auto'] as const })),
  ...boards.map((board) => ({
    board,
    kernel: 'without sysfs',
    options: ['--no-sysfs'],
    drivers: ['chardev', 'auto'] as const,
  })),
  { board: 'pi4', kernel: 'with both interfaces', options: [], drivers: ['chardev'] },
  { board: 'pi5', kernel: 'with strict_gpiod', options: ['--strict'], drivers: ['onoff', 'chardev'] },
];

let guest: Awaited<ReturnType<typeof compileGuest>> | undefined;
let runs: readonly Promise<readonly GuestResult[]>[] = [];

beforeAll(async () => {
  if (gpioVm === null) return;
  const path = (guest = await compileGuest()).path('lines');
  runs = byTurns(
    machines.map(({ board, options, drivers }) => () => {
      const strict = options.includes('--strict') ? ['--strict'] : [];
      return runGuest(gpioVm, ['--board', board, ...options], path, [...drivers, ...strict]);
    }),
  );
  for (const each of runs) each.catch(() => undefined);
});
afterAll(() => guest?.[Symbol.dispose]());

describe.skipIf(gpioVm === null)(`line drivers on a real kernel${whySkipped}`, () => {
  describe.for(machines.map((machine, index) => ({ ...machine, index })))('$board $kernel', ({ index, drivers }) => {
    // A machine that does not come up fails each of its tests, with what it said.
    test.for(drivers)('%s does all that a line driver does', async (driver) => {
      const own = ((await runs[index]) ?? []).filter((each) => each.subject === driver);
      expect(failuresOf(own)).toEqual([]);
      expect(own.length).toBeGreaterThanOrEqual(least[driver]);
    });
  });
});
