import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StationError } from '../foundation/faults.ts';

/** The chip behind the pin header, as sysfs knows it. */
export interface HeaderChip {
  readonly label: string;
  /** Number of its first line in sysfs: differs between boards and kernels, and is never to be stored. */
  readonly base: number;
  readonly lines: number;
}

/** Labels of the header chips of all Raspberry Pis, newest first (GPIO reference §3). */
const headerLabels: readonly string[] = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835'];
/** A header has lines 0 … 27; smaller chips of the same name are no header. */
const headerLines = 28;

/**
 * Finds the header chip by its label, since its base moves from kernel to kernel.
 * @param root `/sys/class/gpio`, or a folder that poses as it
 * @throws StationError S03 when there is no sysfs GPIO, no such chip, or more than one
 */
export async function findHeaderChip(root: string): Promise<HeaderChip> {
  const entries = await readdir(root).catch((): string[] => []);
  // A kernel may have the folder without the part that exports lines (GPIO reference §3).
  if (!entries.includes('export')) {
    throw new StationError('S03', `This kernel has no sysfs GPIO: ${join(root, 'export')} does not exist.`);
  }
  const found = await Promise.all(
    entries.filter((name) => name.startsWith('gpiochip')).map((name) => readChip(join(root, name))),
  );
  const chips = found.filter((chip) => chip !== null);
  const headers = chips.filter((chip) => headerLabels.includes(chip.label) && chip.lines >= headerLines);
  const [header] = headers;
  if (header === undefined) {
    const seen = chips.map((chip) => chip.label).join(', ') || 'none';
    throw new StationError('S03', `No header chip was found: expected ${headerLabels.join(' or ')}, saw ${seen}.`);
  }
  if (headers.length > 1) {
    const labels = headers.map((chip) => `${chip.label} at ${chip.base}`).join(' and ');
    throw new StationError('S03', `More than one chip could be the header: ${labels}.`);
  }
  return header;
}

/** The sysfs number of a BCM line. @throws StationError S03 when the header has no such line */
export function sysfsNumber(chip: HeaderChip, bcm: number, use: string): number {
  if (!Number.isInteger(bcm) || bcm < 0 || bcm >= headerLines) {
    throw new StationError('S03', `GPIO${bcm} for ${use} does not exist: the header has GPIO0 to GPIO27.`);
  }
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
