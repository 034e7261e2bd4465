import { hexNumber } from '../foundation/bytes.ts';
import {
  checksumOf,
  esp32HeaderBytes,
  imageHeaderBytes,
  imageMagic,
  mostSegments,
  readHeader,
  readImage,
  segmentsFrom,
} from './image-header.ts';
import type { ImageHeader, ImageSegment } from './image-header.ts';
import { segmentRemarks } from './image-memory.ts';
import { readSecondStage, secondStageMark } from './second-stage-image.ts';

/** All that can be said about an image from its bytes. */
export interface ImageInfo {
  /** rom: the ROM can start it. second-stage: the SDK's boot loader does. none: no image at all. */
  readonly kind: 'rom' | 'second-stage' | 'esp32' | 'none';
  /** Null when the bytes are no image or end inside it. */
  readonly header: ImageHeader | null;
  readonly segments: readonly ImageSegment[];
  /** Null when the file ends before it, and for an image that is not for this chip. */
  readonly checksum: Check | null;
  /** Only a second-stage image has one. */
  readonly crc: Check | null;
  /** Bytes of the image, as far as the file has them. */
  readonly bytes: number;
  /** Complete, and every check is right. Of what is no image: true when its content is known, null when it is not. */
  readonly sound: boolean | null;
  /** What is worth knowing or suspicious, as plain sentences. */
  readonly remarks: readonly string[];
}

export interface Check {
  readonly stored: number;
  readonly calculated: number;
}

/**
 * Looks at the image that begins at the first byte; what follows it is ignored. Source: protocol reference §7.1–§7.3.
 * @param starter who starts it: the ROM cannot map flash, a boot loader can
 */
export function describeImage(bytes: Uint8Array, starter: 'rom' | 'boot-loader' = 'rom'): ImageInfo {
  const reading = readImage(bytes);
  if (reading.kind === 'esp32') return ofEsp32(bytes);
  if (reading.kind === 'second-stage') return ofSecondStage(bytes);
  return bytes[0] === imageMagic ? ofRom(bytes, starter) : noImage(bytes);
}

function ofRom(bytes: Uint8Array, starter: 'rom' | 'boot-loader'): ImageInfo {
  const none = { kind: 'rom', header: null, segments: [], checksum: null, crc: null, bytes: bytes.length } as const;
  if (bytes.length < imageHeaderBytes) {
    return { ...none, sound: false, remarks: ['The file ends inside the header of its image.'] };
  }
  const header = readHeader(bytes);
  const { segments, end, complete } = segmentsFrom(bytes, imageHeaderBytes);
  const odd = starter === 'rom' && complete ? segmentRemarks(segments, header.entry) : [];
  const counted = countRemarks(header);
  const stored = complete ? bytes[end | 15] : undefined;
  const about = { ...none, header, segments };
  if (stored === undefined) return { ...about, sound: false, remarks: [...counted, cutOff(bytes)] };
  const checksum = { stored, calculated: checksumOf(bytes, segments) };
  const sound = isRight(checksum) && counted.length === 0;
  return {
    ...about,
    checksum,
    bytes: (end | 15) + 1,
    sound,
    remarks: [...counted, ...wrongChecksum(checksum), ...odd],
  };
}

function ofSecondStage(bytes: Uint8Array): ImageInfo {
  const image = readSecondStage(bytes);
  const meaning =
    'It starts with EA: the ROM does not start it, the SDK’s boot loader (boot_v1.x at 0x0) does, as user1 at 0x1000.';
  if (image === null) {
    const none = { header: null, segments: [], checksum: null, crc: null, bytes: bytes.length, sound: false } as const;
    return { kind: 'second-stage', ...none, remarks: [meaning, 'The file ends inside the header of its image.'] };
  }
  const { header, ramHeader, segments, checksum, crc } = image;
  const remarks = [meaning];
  if (header.segmentCount !== secondStageMark) {
    remarks.push(`Byte 1 is ${hexNumber(header.segmentCount, 2)}; such an image has 0x04 there.`);
  }
  if (ramHeader !== null) {
    remarks.push(...countRemarks(ramHeader), ...segmentRemarks(segments.slice(1), ramHeader.entry));
    const same = (['modeCode', 'sizeCode', 'frequencyCode'] as const).every((key) => header[key] === ramHeader[key]);
    if (!same) remarks.push('Its two headers state different flash parameters.');
  }
  if (checksum === null) remarks.push(cutOff(bytes));
  else remarks.push(...wrongChecksum(checksum));
  if (checksum !== null) remarks.push(...crcRemarks(crc));
  const sound = checksum !== null && crc !== null && isRight(checksum) && isRight(crc);
  return { kind: 'second-stage', header, segments, checksum, crc, bytes: image.bytes, sound, remarks };
}

function crcRemarks(crc: Check | null): readonly string[] {
  const covers = 'It covers everything before it, the checksum only the segments in RAM.';
  if (crc === null) return [`The CRC-32 behind the checksum is missing: the file is cut off. ${covers}`];
  if (isRight(crc)) return [];
  const [stored, calculated] = [crc.stored, crc.calculated].map((value) => hexNumber(value, 8));
  return [
    `The CRC-32 at its end is ${stored ?? ''} and its bytes give ${calculated ?? ''}: the image is damaged. ${covers}`,
  ];
}

function ofEsp32(bytes: Uint8Array): ImageInfo {
  const { segments } = segmentsFrom(bytes, esp32HeaderBytes);
  return {
    kind: 'esp32',
    header: bytes.length < imageHeaderBytes ? null : readHeader(bytes),
    segments,
    checksum: null,
    crc: null,
    bytes: bytes.length,
    sound: false,
    remarks: ['This is an image for an ESP32: its segments go to memory that an ESP8266 does not have.'],
  };
}

function noImage(bytes: Uint8Array): ImageInfo {
  return {
    kind: 'none',
    header: null,
    segments: [],
    checksum: null,
    crc: null,
    bytes: bytes.length,
    ...contentOf(bytes),
  };
}

/** The first byte and the length of the SDK's PHY init data (protocol reference §7.6). */
const initData = { firstByte: 0x05, bytes: 128 } as const;

function contentOf(bytes: Uint8Array): Pick<ImageInfo, 'sound' | 'remarks'> {
  const [first] = bytes;
  if (first === undefined) return { sound: false, remarks: ['The file is empty.'] };
  if (bytes.every((byte) => byte === 0xff)) {
    return { sound: true, remarks: ['Every byte is FF, as in blank.bin: it clears what it is written to.'] };
  }
  if (first === initData.firstByte && bytes.length === initData.bytes) {
    const place = 'which belongs 0x4000 bytes before the end of the flash';
    return { sound: true, remarks: [`It looks like PHY init data (esp_init_data_default.bin), ${place}.`] };
  }
  const start = `It starts with ${hexNumber(first, 2)}: this is no image that is started`;
  return {
    sound: null,
    remarks: [`Nothing is known of this file. ${start}, but data or code for another address than 0x0.`],
  };
}

function countRemarks({ segmentCount }: ImageHeader): readonly string[] {
  if (segmentCount > 0 && segmentCount <= mostSegments) return [];
  return [`The header says ${segmentCount} segments; 1 to ${mostSegments} are possible.`];
}

function cutOff(bytes: Uint8Array): string {
  return `The image is cut off: the file has ${bytes.length} bytes and its segments need more.`;
}

function wrongChecksum(checksum: Check): readonly string[] {
  if (isRight(checksum)) return [];
  const [stored, calculated] = [checksum.stored, checksum.calculated].map((value) => hexNumber(value, 2));
  return [`The checksum is ${stored ?? ''} and the segments give ${calculated ?? ''}: the image is damaged.`];
}

function isRight({ stored, calculated }: Check): boolean {
  return stored === calculated;
}
