import { equal, match } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { StationError } from '../../../src/foundation/faults.ts';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { chooseDriver, openLineDriver } from '../../../src/gpio/choose-driver.ts';
import type { DriverWish } from '../../../src/gpio/choose-driver.ts';
import type { LineDriver, LineSpec } from '../../../src/gpio/line.ts';
import { applies } from '../line-rig.ts';
import type { Ability, Behaviour, Level } from '../line-rig.ts';
import { lineSuite } from '../line-suite.ts';
import { bothSuite, chardevSuite } from './chardev-suite.ts';
import { KernelRig } from './kernel-rig.ts';
import { onoffSuite } from './onoff-suite.ts';

/**
 * The program in the virtual machine. `run DRIVER… [--strict]` tries every behaviour and prints one JSON line for
 * each; `hold` and `take` are the other programs that some behaviours need.
 */
const [command = '', ...rest] = process.argv.slice(2);
const holdLimitMs = 120_000;
const hasSysfs = existsSync('/sys/class/gpio/export');
const chardevAbilities: readonly Ability[] = ['pulls', 'bursts'];
const plain: LineSpec = { bcm: 25, active: 'low', drive: 'open-drain' };

if (command === 'hold') await hold(rest[0] as DriverWish, JSON.parse(rest[1]!) as LineSpec, rest[2]!);
else if (command === 'take') await tryToTake(rest[0] as DriverWish, JSON.parse(rest[1]!) as LineSpec, rest[2]!);
else await runSuites(rest.filter((each) => !each.startsWith('--')) as DriverWish[], rest.includes('--strict'));

async function runSuites(wishes: readonly DriverWish[], strict: boolean): Promise<void> {
  for (const wish of wishes) {
    const driver = wish === 'auto' ? (hasSysfs ? 'onoff' : 'chardev') : wish;
    const rig = await KernelRig.open({
      abilities: driver === 'chardev' ? chardevAbilities : [],
      open: () => opened(wish, []),
      hold: (spec, use) => [process.argv[1]!, 'hold', wish, JSON.stringify(spec), use],
      levelAfterKill: strict && driver === 'chardev' ? 'high' : ('low' satisfies Level),
    });
    const own =
      wish === 'auto' ? [] : { chardev: [...chardevSuite, ...(hasSysfs ? bothSuite : [])], onoff: onoffSuite }[wish];
    const all = [...lineSuite, ...own, ...(wish === 'auto' ? [choice(driver)] : [])];
    for (const behaviour of all.filter((each) => applies(each, rig))) {
      const failure = await behaviour.check(rig).then(() => null, String);
      process.stdout.write(`${JSON.stringify({ subject: wish, name: behaviour.name, failure })}\n`);
    }
  }
}

/** What `auto` takes, and that a pull makes it take the character device. */
function choice(expected: 'onoff' | 'chardev'): Behaviour {
  return {
    name: 'auto takes onoff unless sysfs is missing or a line asks for a pull, and says why',
    check: async () => {
      const without = await openLineDriver('auto', [plain]);
      await without.lines[Symbol.asyncDispose]();
      equal(without.driver, expected);
      equal(without.why, hasSysfs ? 'sysfs GPIO is there' : 'sysfs GPIO is missing');
      const pulled = await openLineDriver('auto', [plain, { ...plain, bcm: 26, pull: 'up' }]);
      await pulled.lines[Symbol.asyncDispose]();
      equal(pulled.why, 'GPIO26 asks for a pull, which sysfs cannot set');
      if (hasSysfs)
        await readOnlySysfs(async () =>
          equal((await chooseDriver('auto', [plain])).why, 'sysfs GPIO is read-only here'),
        );
      match(pulled.lines.description, new RegExp(`^chardev on ${process.env['GPIO_LABEL'] ?? ''}, /dev/gpiochip`));
    },
  };
}

/** As in a container, or under ProtectKernelTunables of systemd. */
async function readOnlySysfs(work: () => Promise<void>): Promise<void> {
  const folder = '/sys/class/gpio';
  execFileSync('mount', ['--bind', folder, folder]);
  execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
  try {
    await work();
  } finally {
    execFileSync('umount', [folder]);
  }
}

async function hold(wish: DriverWish, spec: LineSpec, use: string): Promise<void> {
  const line = await (await opened(wish, [])).openOutput(spec, use);
  line.set(true);
  process.stdout.write('held\n');
  // Until it is killed.
  await systemClock.sleep(holdLimitMs);
}

async function tryToTake(wish: DriverWish, spec: LineSpec, use: string): Promise<void> {
  try {
    await using driver = await opened(wish, []);
    await driver.openOutput(spec, use);
    process.stdout.write('taken\n');
  } catch (error) {
    process.stdout.write(`${error instanceof StationError ? error.detail : String(error)}\n`);
  }
}

async function opened(wish: DriverWish, specs: readonly LineSpec[]): Promise<LineDriver> {
  return (await openLineDriver(wish, specs)).lines;
}
