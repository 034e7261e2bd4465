import { hexNumber } from '../foundation/bytes.ts';
import { StationError } from '../foundation/faults.ts';

/** The smallest piece of flash that can be erased, bytes. */
export const sectorBytes = 0x1000;

/** One contiguous range of flash, as far as the layout cares. */
export interface Placed {
  readonly label: string;
  readonly address: number;
  readonly data: Uint8Array;
}

/**
 * Checks that each range starts on a sector, lies inside the flash and shares no sector with another one.
 * Source: protocol reference §8.1, points 1 and 5.
 * @param ranges ascending
 * @throws StationError J05
 */
export function checkLayout(ranges: readonly Placed[], flashBytes: number): void {
  for (const range of ranges) checkAlignment(range);
  checkFit(ranges, flashBytes);
  ranges.forEach((range, index) => {
    const before = ranges[index - 1];
    // Both start on a sector, so they share one exactly when they overlap.
    if (before === undefined || end(before) <= range.address) return;
    throw new StationError(
      'J05',
      `${describe(range)} overlaps ${describe(before)}: both need the sector at ${hexNumber(range.address)}.`,
    );
  });
}

/** @throws StationError J05 when a range ends past the end of a flash of this many bytes */
export function checkFit(ranges: readonly Placed[], flashBytes: number): void {
  const outside = ranges.find((range) => range.address < 0 || end(range) > flashBytes);
  if (outside === undefined) return;
  const size = `a flash of ${flashBytes / 1024} KB, which ends at ${hexNumber(flashBytes)}`;
  throw new StationError('J05', `${describe(outside)} does not fit ${size}.`);
}

function checkAlignment(range: Placed): void {
  if (range.address % sectorBytes === 0) return;
  // Somebody who writes `at: 10000` nearly always means 0x10000.
  const asHex = Number.parseInt(String(range.address), 16);
  const hint = asHex % sectorBytes === 0 ? ` Was 0x${range.address} meant instead of ${range.address}?` : '';
  throw new StationError(
    'J05',
    `${range.label} is at ${hexNumber(range.address)}, which is no multiple of ${hexNumber(sectorBytes)}.${hint}`,
  );
}

function describe(range: Placed): string {
  return `${range.label} (${hexNumber(range.address)} to ${hexNumber(end(range) - 1)})`;
}

function end(range: Placed): number {
  return range.address + range.data.length;
}
