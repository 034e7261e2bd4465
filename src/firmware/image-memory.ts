import { hexNumber } from '../foundation/bytes.ts';
import type { ImageSegment } from './image-header.ts';

/** What the chip calls its memory, first address and first one behind (protocol reference §7.3). */
const memories = [
  { name: 'DPORT', from: 0x3ff00000, to: 0x3ff00010 },
  { name: 'DRAM', from: 0x3ffe8000, to: 0x40000000 },
  { name: 'IRAM', from: 0x40100000, to: 0x40108000 },
  { name: 'IROM', from: 0x40201010, to: 0x402e1010 },
] as const;

const lowestAddress = 0x3ffe0000;
const highestAddress = 0x40200000;
const mostBytes = 0x10000;

/** Name of the memory at an address, or null. */
export function memoryAt(address: number): string | null {
  return memories.find(({ from, to }) => address >= from && address < to)?.name ?? null;
}

/** What is odd about segments that go to RAM, as plain sentences. Source: protocol reference §7.3. */
export function segmentRemarks(segments: readonly ImageSegment[], entry: number): readonly string[] {
  const remarks = segments.flatMap((segment, index) => oneSegment(segment, index + 1));
  segments.forEach((segment, index) => {
    const other = segments.findIndex((before, at) => at < index && overlap(before, segment));
    if (other >= 0) remarks.push(`Segments ${other + 1} and ${index + 1} overlap in memory.`);
  });
  const inside = segments.some(({ address, bytes }) => entry >= address && entry < address + bytes);
  if (!inside) remarks.push(`The entry ${hexNumber(entry)} is in none of the segments.`);
  return remarks;
}

function oneSegment({ address, bytes }: ImageSegment, number: number): readonly string[] {
  const remarks: string[] = [];
  if (address < lowestAddress || address > highestAddress) {
    remarks.push(`Segment ${number} goes to ${hexNumber(address)}, where the ROM cannot put anything.`);
  }
  if (bytes > mostBytes) remarks.push(`Segment ${number} has ${bytes} bytes, more than 64 KB.`);
  return remarks;
}

function overlap(a: ImageSegment, b: ImageSegment): boolean {
  return a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}
