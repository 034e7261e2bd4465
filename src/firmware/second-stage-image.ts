import { crc32 } from 'node:zlib';
import {
  checksumOf,
  imageHeaderBytes,
  imageMagic,
  readHeader,
  secondStageMagic,
  segmentsFrom,
} from './image-header.ts';
import type { ImageHeader, ImageSegment } from './image-header.ts';

/** An image that the SDK's boot loader starts. Source: protocol reference §7.2. */
export interface SecondStageImage {
  readonly header: ImageHeader;
  /** The header of the part that goes to RAM; null when the file ends before it or something else is there. */
  readonly ramHeader: ImageHeader | null;
  /** The part that stays in the flash first, at address 0 of the file's own; then those in RAM. */
  readonly segments: readonly ImageSegment[];
  /** Of the segments in RAM; null when the file ends before it. */
  readonly checksum: { readonly stored: number; readonly calculated: number } | null;
  /** Of everything before it; null when the file ends before it. */
  readonly crc: { readonly stored: number; readonly calculated: number } | null;
  /** Bytes up to and including the CRC, as far as the file has them. */
  readonly bytes: number;
}

/** What byte 1 of the first header reads: no number of segments. */
export const secondStageMark = 4;
const crcBytes = 4;

/** The CRC that ends such an image: that of IEEE 802.3, then folded. */
export function imageCrc(bytes: Uint8Array): number {
  const crc = crc32(bytes);
  return crc >= 0x80000000 ? ~crc >>> 0 : crc + 1;
}

/** Reads an image with magic EA as far as it goes, or null when the bytes do not begin like one. */
export function readSecondStage(bytes: Uint8Array): SecondStageImage | null {
  if (bytes[0] !== secondStageMagic || bytes.length < imageHeaderBytes) return null;
  const header = readHeader(bytes);
  const nothing = { ramHeader: null, checksum: null, crc: null, bytes: bytes.length };
  const [inFlash] = segmentsFrom(bytes, imageHeaderBytes).segments;
  if (inFlash === undefined) return { header, segments: [], ...nothing };
  const ramAt = inFlash.offset + inFlash.bytes;
  const ramPart = bytes.subarray(ramAt);
  if (ramPart[0] !== imageMagic || ramPart.length < imageHeaderBytes)
    return { header, segments: [inFlash], ...nothing };
  const walk = segmentsFrom(ramPart, imageHeaderBytes);
  const inRam = walk.segments.map((segment) => ({ ...segment, offset: ramAt + segment.offset }));
  const about = { header, ramHeader: readHeader(ramPart), segments: [inFlash, ...inRam] };
  const checksumAt = (ramAt + walk.end) | 15;
  const stored = bytes[checksumAt];
  if (!walk.complete || stored === undefined) return { ...about, checksum: null, crc: null, bytes: bytes.length };
  const checksum = { stored, calculated: checksumOf(bytes, inRam) };
  const crcAt = checksumAt + 1;
  if (bytes.length < crcAt + crcBytes) return { ...about, checksum, crc: null, bytes: bytes.length };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const crc = { stored: view.getUint32(crcAt, true), calculated: imageCrc(bytes.subarray(0, crcAt)) };
  return { ...about, checksum, crc, bytes: crcAt + crcBytes };
}
