import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { openChardevDriver } from './chardev-driver.ts';
import type { LineDriver, LineSpec } from './line.ts';
import { openOnoffDriver } from './onoff-driver.ts';

/** Every driver of the header. A new one is a line here. */
const drivers = {
  onoff: () => openOnoffDriver(),
  chardev: () => openChardevDriver(),
} as const satisfies Record<string, () => Promise<LineDriver>>;

export type DriverName = keyof typeof drivers;
/** What the station file may ask for. */
export type DriverWish = DriverName | 'auto';

export interface DriverChoice {
  readonly driver: DriverName;
  /** For the log: why this one. */
  readonly why: string;
}

export interface ChosenDriver extends DriverChoice {
  /** Its description names the chip. */
  readonly lines: LineDriver;
}

/**
 * Takes a driver for the header (design §6): with `auto`, onoff unless sysfs GPIO is missing or a line asks for a pull,
 * which sysfs cannot set.
 * @param specs every line that will be opened
 * @throws StationError S03 when the driver finds no header chip
 */
export async function openLineDriver(wish: DriverWish, specs: readonly LineSpec[]): Promise<ChosenDriver> {
  const choice = await chooseDriver(wish, specs);
  return { ...choice, lines: await drivers[choice.driver]() };
}

/** @param root `/sys/class/gpio`, or a folder that poses as it */
export async function chooseDriver(
  wish: DriverWish,
  specs: readonly LineSpec[],
  root = '/sys/class/gpio',
): Promise<DriverChoice> {
  if (wish !== 'auto') return { driver: wish, why: 'the station file asks for it' };
  const pulled = specs.find((spec) => spec.pull !== undefined);
  if (pulled !== undefined) {
    return { driver: 'chardev', why: `GPIO${pulled.bcm} asks for a pull, which sysfs cannot set` };
  }
  const problem = await sysfsProblem(join(root, 'export'));
  return problem === null ? { driver: 'onoff', why: 'sysfs GPIO is there' } : { driver: 'chardev', why: problem };
}

/** Missing permission is no reason: it is a fault to be told, not to be worked around. */
async function sysfsProblem(file: string): Promise<string | null> {
  try {
    await access(file, constants.W_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EROFS') return 'sysfs GPIO is read-only here';
    return code === 'EACCES' ? null : 'sysfs GPIO is missing';
  }
}
