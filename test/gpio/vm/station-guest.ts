import { existsSync } from 'node:fs';
import type { DriverName } from '../../../src/gpio/choose-driver.ts';
import type { GuestBehaviour } from './guest-behaviour.ts';
import { stationSuite } from './station-suite.ts';
import { foreignChipSuite, troubleSuite } from './trouble-suite.ts';

/**
 * The program in the virtual machine that is the bench: it tries what a whole station does there and prints one JSON
 * line for each behaviour. `run station`: on the header of a Raspberry Pi; `run foreign`: on another chip.
 */
const suites: Readonly<Record<string, readonly GuestBehaviour[]>> = {
  station: [...stationSuite, ...troubleSuite],
  foreign: foreignChipSuite,
};
const [, suite = ''] = process.argv.slice(2);
const driver: DriverName = existsSync('/sys/class/gpio/export') ? 'onoff' : 'chardev';

for (const { name, check } of suites[suite] ?? []) {
  const failure = await check(driver).then(() => null, String);
  process.stdout.write(`${JSON.stringify({ subject: suite, name, failure })}\n`);
}
// The thread of the watches keeps a program alive.
process.exit(0);
