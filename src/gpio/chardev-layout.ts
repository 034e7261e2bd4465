import type { LineSpec } from './line.ts';

/**
 * The GPIO character device, kernel interface v2, in bytes (GPIO reference §4; linux/gpio.h). Every number is
 * little-endian on all Pis and PCs, and 32-bit programs see the same layout.
 */

/** Upper bits of the number of a request: which way its structure goes. */
const direction = { read: 2, both: 3 } as const;
const gpioRequests = 0xb4;

export interface KernelRequest {
  readonly number: number;
  /** Size of the structure that goes with it. */
  readonly bytes: number;
}

function request(way: keyof typeof direction, index: number, bytes: number): KernelRequest {
  return { number: ((direction[way] << 30) | (bytes << 16) | (gpioRequests << 8) | index) >>> 0, bytes };
}

/** Requests to a chip, and, from `getValues` on, to a line. */
export const requests = {
  chipInfo: request('read', 0x01, 68),
  lineInfo: request('both', 0x05, 256),
  getLine: request('both', 0x07, 592),
  getValues: request('both', 0x0e, 16),
  setValues: request('both', 0x0f, 16),
} as const;

/** Bits of the flags of a line. */
export const lineFlags = {
  used: 1,
  activeLow: 2,
  input: 4,
  output: 8,
  risingEdge: 16,
  fallingEdge: 32,
  openDrain: 64,
  pullUp: 256,
  pullDown: 512,
  biasOff: 1024,
} as const;

const nameBytes = 32;
const biasFlags = { up: lineFlags.pullUp, down: lineFlags.pullDown, off: lineFlags.biasOff } as const;

/** Where the fields of a line request are; the configuration stands in its middle. */
const lineRequestAt = { offsets: 0, consumer: 256, flags: 288, attributeCount: 296, attributes: 320 } as const;
const lineRequestTailAt = { lineCount: 560, eventBuffer: 564, lineFd: 588 } as const;
/** A configuration attribute: what it is, its value, and the lines of the request that it is for. */
const attributeAt = { id: 0, value: 8, lines: 16 } as const;
const debounceAttribute = 3;
const lineInfoAt = { consumer: 32, offset: 64, flags: 72 } as const;

/** Edges that the kernel keeps until they are read; a contact that bounces does not get there. */
const eventBufferLength = 256;
const eventBytes = 48;
/** Room for every edge that can wait. */
export const eventBufferBytes = eventBufferLength * eventBytes;

export interface ChipInfo {
  /** As in `gpiochip4`. */
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

export function readChipInfo(bytes: Buffer): ChipInfo {
  return { name: textAt(bytes, 0), label: textAt(bytes, nameBytes), lines: bytes.readUInt32LE(2 * nameBytes) };
}

/** The structure that asks who holds a line. */
export function lineInfoQuery(offset: number): Buffer {
  const bytes = Buffer.alloc(requests.lineInfo.bytes);
  bytes.writeUInt32LE(offset, lineInfoAt.offset);
  return bytes;
}

/** Who holds a line by the answer: the name it gave, empty when it gave none; null when the line is free. */
export function readHolder(bytes: Buffer): string | null {
  const used = (bytes.readUInt32LE(lineInfoAt.flags) & lineFlags.used) !== 0;
  return used ? textAt(bytes, lineInfoAt.consumer) : null;
}

export interface LineWish {
  /** The line on its chip; on a header chip its BCM number. */
  readonly offset: number;
  /** Who asks; the kernel keeps 31 bytes of it. */
  readonly consumer: string;
  readonly flags: number;
  /** How long the kernel waits for a level to be stable, µs; absent: every edge counts. */
  readonly debounceUs?: number;
}

/**
 * The structure that asks for one line. An output begins inactive: the kernel takes a value that is not given as 0,
 * and sets direction and level in one step.
 */
export function lineRequest({ offset, consumer, flags, debounceUs }: LineWish): Buffer {
  const bytes = Buffer.alloc(requests.getLine.bytes);
  bytes.writeUInt32LE(offset, lineRequestAt.offsets);
  // The last byte stays 0: the kernel wants text that ends.
  bytes.write(consumer, lineRequestAt.consumer, nameBytes - 1, 'utf8');
  bytes.writeBigUInt64LE(BigInt(flags), lineRequestAt.flags);
  bytes.writeUInt32LE(1, lineRequestTailAt.lineCount);
  if ((flags & lineFlags.input) !== 0) bytes.writeUInt32LE(eventBufferLength, lineRequestTailAt.eventBuffer);
  if (debounceUs !== undefined) {
    bytes.writeUInt32LE(1, lineRequestAt.attributeCount);
    bytes.writeUInt32LE(debounceAttribute, lineRequestAt.attributes + attributeAt.id);
    bytes.writeUInt32LE(debounceUs, lineRequestAt.attributes + attributeAt.value);
    bytes.writeBigUInt64LE(1n, lineRequestAt.attributes + attributeAt.lines);
  }
  return bytes;
}

/** The descriptor of the line, from a request that was granted. */
export function grantedFd(bytes: Buffer): number {
  return bytes.readInt32LE(lineRequestTailAt.lineFd);
}

/** The flags of a line that is driven or watched as the specification says. */
export function flagsOf(spec: LineSpec, use: 'output' | 'input'): number {
  return (
    (spec.active === 'low' ? lineFlags.activeLow : 0) |
    (spec.pull === undefined ? 0 : biasFlags[spec.pull]) |
    (use === 'input'
      ? lineFlags.input | lineFlags.risingEdge | lineFlags.fallingEdge
      : lineFlags.output | (spec.drive === 'open-drain' ? lineFlags.openDrain : 0))
  );
}

/** The value of the only line of a request; with `value` absent, the question for it. */
export function lineValue(value = false): Buffer {
  const bytes = Buffer.alloc(requests.getValues.bytes);
  bytes.writeBigUInt64LE(value ? 1n : 0n, 0);
  bytes.writeBigUInt64LE(1n, 8);
  return bytes;
}

export function readLineValue(bytes: Buffer): boolean {
  return (bytes.readUInt8(0) & 1) !== 0;
}

/** One edge as the kernel saw it. */
export interface LineEdge {
  /** True when the line became active. */
  readonly active: boolean;
  /** Monotonic clock of the host, ns. */
  readonly atNs: bigint;
  /** Counts the edges of the line from 1; a gap: edges were lost because they were not read in time. */
  readonly sequence: number;
}

const eventAt = { timestamp: 0, kind: 8, lineSequence: 20 } as const;
const risingEvent = 1;

/** The edges in what was read from a line. With an active-low line, rising means that it became active. */
export function readEdges(bytes: Buffer): readonly LineEdge[] {
  const edges: LineEdge[] = [];
  for (let at = 0; at + eventBytes <= bytes.length; at += eventBytes) {
    edges.push({
      active: bytes.readUInt32LE(at + eventAt.kind) === risingEvent,
      atNs: bytes.readBigUInt64LE(at + eventAt.timestamp),
      sequence: bytes.readUInt32LE(at + eventAt.lineSequence),
    });
  }
  return edges;
}

function textAt(bytes: Buffer, at: number): string {
  const field = bytes.subarray(at, at + nameBytes);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? nameBytes : end);
}
