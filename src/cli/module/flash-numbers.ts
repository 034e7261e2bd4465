import { InvalidArgumentError } from 'commander';
import type { WantedRange } from '../../nest/session/flash-range.ts';

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 * 1024 };
/** No flash behind this protocol is larger: three bytes of address. */
const mostBytes = 16 * 1024 * 1024;
const examples = 'such as 0x4000, 16384, 16K or 1M';

/** Reads an address in flash: hexadecimal with 0x, decimal, or with K or M. @throws InvalidArgumentError */
export function flashAddress(text: string): number {
  const address = numberOf(text);
  if (address === null || address >= mostBytes) {
    throw new InvalidArgumentError(`Expected an address below 16M, ${examples}.`);
  }
  return address;
}

/** Reads a number of bytes, or `all` for what is left up to the end of the flash. @throws InvalidArgumentError */
export function flashSize(text: string): number | 'all' {
  if (text.toLowerCase() === 'all') return 'all';
  const bytes = numberOf(text);
  if (bytes === null || bytes === 0 || bytes > mostBytes) {
    throw new InvalidArgumentError(`Expected 1 byte to 16M, ${examples}, or all.`);
  }
  return bytes;
}

/** Reads `ADDRESS:SIZE`. @throws InvalidArgumentError */
export function flashRange(text: string): WantedRange {
  const [address, bytes, ...more] = text.split(':');
  if (address === undefined || bytes === undefined || more.length > 0) {
    throw new InvalidArgumentError('Expected an address and a size, such as 0x3fc000:0x4000 or 0x100000:all.');
  }
  return { address: flashAddress(address), bytes: flashSize(bytes) };
}

function numberOf(text: string): number | null {
  if (/^0x[\da-f]+$/i.test(text)) return Number(text);
  const [, digits, unit = ''] = /^(\d+)([km]?)b?$/i.exec(text) ?? [];
  return digits === undefined ? null : Number(digits) * (units[unit.toLowerCase()] ?? 1);
}
