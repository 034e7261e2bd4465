import { StationError } from '../foundation/faults.ts';

/** Labels of the header chips of all Raspberry Pis, newest first (GPIO reference §3). */
const headerLabels: readonly string[] = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835'];
/** A header has lines 0 … 27; smaller chips of the same name are no header. */
const headerLines = 28;

/** For a machine without the lines of a Raspberry Pi. */
export const noHeaderAction = 'Lines need a Raspberry Pi; `jigd demo` shows the whole station on any machine.';

/** What every interface of the kernel tells about a chip. */
interface LabelledChip {
  readonly label: string;
  readonly lines: number;
}

/**
 * The chip behind the pin header, found by its label: its number and its base move from kernel to kernel.
 * @param placeOf where a chip is, as in "571" or "/dev/gpiochip4"
 * @throws StationError S03 when there is no such chip, or more than one
 */
export function pickHeader<Chip extends LabelledChip>(chips: readonly Chip[], placeOf: (chip: Chip) => string): Chip {
  const headers = chips.filter((chip) => headerLabels.includes(chip.label) && chip.lines >= headerLines);
  const [header] = headers;
  if (header === undefined) {
    const seen = chips.map((chip) => chip.label).join(', ') || 'none';
    throw new StationError('S03', `No header chip was found: expected ${headerLabels.join(' or ')}, saw ${seen}.`, {
      action: noHeaderAction,
    });
  }
  if (headers.length > 1) {
    const labels = headers.map((chip) => `${chip.label} at ${placeOf(chip)}`).join(' and ');
    throw new StationError('S03', `More than one chip could be the header: ${labels}.`);
  }
  return header;
}

/** @throws StationError S03 when the header has no such line */
export function mustBeOnHeader(bcm: number, use: string): void {
  if (Number.isInteger(bcm) && bcm >= 0 && bcm < headerLines) return;
  throw new StationError('S03', `GPIO${bcm} for ${use} does not exist: the header has GPIO0 to GPIO27.`);
}
