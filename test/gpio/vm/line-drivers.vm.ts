import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DriverWish } from '../../../src/gpio/choose-driver.ts';
import { lineSuite } from '../line-suite.ts';
import { chardevSuite } from './chardev-suite.ts';
import { compileGuest, findGpioVm, runGuest } from './gpio-vm.ts';
import type { GuestResult } from './gpio-vm.ts';

const machinesAtOnce = 2;
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
  onoff: everywhere.length + 1,
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

let guest: (Disposable & { readonly path: string }) | undefined;
let runs: readonly Promise<readonly GuestResult[]>[] = [];

beforeAll(async () => {
  if (gpioVm === null) return;
  const { path } = (guest = await compileGuest());
  // Each machine takes a core and some memory.
  const lanes: Promise<unknown>[] = Array.from({ length: machinesAtOnce }, () => Promise.resolve());
  runs = machines.map(({ board, options, drivers }, index) => {
    const strict = options.includes('--strict') ? ['--strict'] : [];
    const run = (): Promise<readonly GuestResult[]> =>
      runGuest(gpioVm, ['--board', board, ...options], path, [...drivers, ...strict]);
    const lane = index % machinesAtOnce;
    const result = lanes[lane]!.then(run, run);
    // A failure is told by the tests of that machine.
    lanes[lane] = result.catch(() => undefined);
    return result;
  });
  for (const each of runs) each.catch(() => undefined);
});
afterAll(() => guest?.[Symbol.dispose]());

const absent =
  gpioVm === null ? ' (skipped: no virtual machine; JIGD_GPIO_VM names none and ../shared/rig has none)' : '';

describe.skipIf(gpioVm === null)(`line drivers on a real kernel${absent}`, () => {
  describe.for(machines.map((machine, index) => ({ ...machine, index })))('$board $kernel', ({ index, drivers }) => {
    let results: readonly GuestResult[] = [];
    beforeAll(async () => {
      results = (await runs[index]) ?? [];
    });

    test.for(drivers)('%s does all that a line driver does', (driver) => {
      const own = results.filter((each) => each.driver === driver);
      const failed = own
        .filter(({ failure }) => failure !== null)
        .map(({ name, failure }) => `${name}: ${failure ?? ''}`);
      expect(failed).toEqual([]);
      expect(own.length).toBeGreaterThanOrEqual(least[driver]);
    });
  });
});
