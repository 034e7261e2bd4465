import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StationError } from '../foundation/faults.ts';
import { mustBeOnHeader, noHeaderAction, pickHeader } from './header-chip.ts';

/** The chip behind the pin header, as sysfs knows it. */
export interface HeaderChip {
  readonly label: string;
  /** Number of its first line in sysfs: differs between boards and kernels, and is never to be stored. */
  readonly base: number;
  readonly lines: number;
}

/**
 * Finds the header chip by its label, since its base moves from kernel to kernel.
 * @param root `/sys/class/gpio`, or a folder that poses as it
 * @throws StationError S03 when there is no sysfs GPIO, no such chip, or more than one
 */
export async function findHeaderChip(root: string): Promise<HeaderChip> {
  const entries = await readdir(root).catch((): string[] => []);
  // A kernel may have the folder without the part that exports lines (GPIO reference §3).
  if (!entries.includes('export')) {
    throw new StationError('S03', `This kernel has no sysfs GPIO: ${join(root, 'export')} does not exist.`, {
      action: `Take the driver chardev or auto. ${noHeaderAction}`,
    });
  }
  const found = await Promise.all(
    entries.filter((name) => name.startsWith('gpiochip')).map((name) => readChip(join(root, name))),
  );
  const chips = found.filter((chip) => chip !== null);
  return pickHeader(chips, (chip) => String(chip.base));
}

/** The sysfs number of a BCM line. @throws StationError S03 when the header has no such line */
export function sysfsNumber(chip: HeaderChip, bcm: number, use: string): number {
  mustBeOnHeader(bcm, use);
  return chip.base + bcm;
}

/** Null for a chip that vanishes while it is read: USB adapters come and go. */
async function readChip(folder: string): Promise<HeaderChip | null> {
  const read = async (name: string): Promise<string> => (await readFile(join(folder, name), 'utf8')).trim();
  try {
    const [label, base, lines] = await Promise.all([read('label'), read('base'), read('ngpio')]);
    return { label, base: Number(base), lines: Number(lines) };
  } catch {
    return null;
  }
}
