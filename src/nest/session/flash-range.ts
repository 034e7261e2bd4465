import type { FlashRange } from '../../bootloader/flash-reader.ts';
import { hexNumber } from '../../foundation/bytes.ts';
import { StationError } from '../../foundation/faults.ts';

/** A range as a person asks for it. */
export interface WantedRange {
  readonly address: number;
  /** all: up to the end of the flash. */
  readonly bytes: number | 'all';
}

/** The smallest piece of flash that can be erased, bytes. */
const sectorBytes = 0x1000;

/** @throws StationError F03 when the range does not lie in a flash of this many bytes */
export function rangeIn({ address, bytes }: WantedRange, flashBytes: number): FlashRange {
  const range = { address, bytes: bytes === 'all' ? flashBytes - address : bytes };
  if (range.bytes > 0 && address + range.bytes <= flashBytes) return range;
  const flash = `The flash has ${flashBytes / 1024} KB and ends at ${hexNumber(flashBytes)}`;
  throw new StationError('F03', `${flash}; ${describeRange({ address, bytes })} is not inside it.`, {
    action: 'Give a range that is inside it.',
  });
}

/** Why these ranges cannot be erased on any module, as one plain sentence; null when they can. */
export function eraseProblem(ranges: readonly WantedRange[]): string | null {
  for (const range of ranges) {
    const uneven = [range.address, range.bytes].find((value) => value !== 'all' && value % sectorBytes !== 0);
    if (uneven !== undefined) return `${describeRange(range)}: ${unevenText(Number(uneven))}`;
  }
  const sorted = ranges.toSorted((a, b) => a.address - b.address);
  for (const [index, range] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined) continue;
    if (before.bytes === 'all' || before.address + before.bytes > range.address) {
      return `${describeRange(range)} overlaps ${describeRange(before)}.`;
    }
  }
  return null;
}

/** Such as `0x3fc000 to 0x3fffff`. */
export function describeRange({ address, bytes }: WantedRange): string {
  const from = hexNumber(address, 6);
  return bytes === 'all' ? `${from} to the end` : `${from} to ${hexNumber(address + bytes - 1, 6)}`;
}

function unevenText(value: number): string {
  const text = `${hexNumber(value)} is no multiple of ${hexNumber(sectorBytes)}, and only whole sectors can be erased.`;
  // Somebody who writes 10000 nearly always means 0x10000.
  const asHex = Number.parseInt(String(value), 16);
  return asHex % sectorBytes === 0 ? `${text} Was 0x${value} meant instead of ${value}?` : text;
}
