import type { ChipDefinition } from '../../chips/chip-definition.ts';
import { hexNumber } from '../../foundation/bytes.ts';
import type { FileInfo, FilePart } from '../../firmware/file-info.ts';
import { imageMagic, secondStageMagic } from '../../firmware/image-header.ts';
import type { ImageHeader } from '../../firmware/image-header.ts';
import type { Check, ImageInfo } from '../../firmware/image-info.ts';
import { memoryAt } from '../../firmware/image-memory.ts';
import { textTable } from '../terminal/text-table.ts';

/** A firmware file as one stable JSON object. */
export function fileRecord(file: string, info: FileInfo, chip: ChipDefinition): object {
  const { bytes, md5, sha256, sound, remarks } = info;
  const parts = info.parts.map(({ image, ...part }) => {
    return { ...part, image: image === null ? null : imageRecord(image, chip) };
  });
  return { file, bytes, md5, sha256, sound, remarks, parts };
}

function imageRecord({ header, segments, ...image }: ImageInfo, chip: ChipDefinition): object {
  return {
    ...image,
    header: header === null ? null : headerRecord(image.kind, header, chip),
    segments: segments.map((segment, index) => ({ ...segment, memory: memoryOf(image.kind, segment.address, index) })),
  };
}

function headerRecord(kind: ImageInfo['kind'], header: ImageHeader, chip: ChipDefinition): object {
  const { segmentCount, entry } = header;
  const common = { magic: magicOf(kind), segment_count: segmentCount, entry };
  return kind === 'esp32' ? common : { ...common, ...parameters(header, chip) };
}

/** A firmware file for people. */
export function fileText(file: string, info: FileInfo, chip: ChipDefinition): string {
  const facts = [
    ['file', file],
    ['bytes', String(info.bytes)],
    ['MD5', info.md5],
    ['SHA-256', info.sha256],
  ] as const;
  const parts = info.parts.map((part) => partText(part, chip));
  return [factText(facts), ...parts, sentences(info.remarks)].filter((text) => text !== '').join('\n');
}

const partNames = { data: 'data', filler: 'filler, nothing but FF or 00' } as const;
const imageNames = {
  rom: 'image that the ROM or a boot loader starts',
  'second-stage': 'image that the SDK’s boot loader starts',
  esp32: 'image for an ESP32',
  none: 'no image',
} as const;

function partText({ offset, bytes, kind, image }: FilePart, chip: ChipDefinition): string {
  const what = image === null ? partNames[kind === 'filler' ? 'filler' : 'data'] : imageNames[image.kind];
  const title = `${hexNumber(offset, 6)}  ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}  ${what}\n`;
  return image === null ? title : title + imageText(image, chip);
}

function imageText(image: ImageInfo, chip: ChipDefinition): string {
  const { header, checksum, crc, segments, kind } = image;
  const facts: (readonly [string, string])[] = [];
  // The size codes of an ESP32 mean something else.
  if (header !== null && kind !== 'esp32') {
    const { mode, size, frequency } = parameters(header, chip);
    facts.push(['magic', hexNumber(magicOf(kind), 2)], ['flash', `${mode} ${size} ${frequency}`]);
  }
  if (header !== null) facts.push(['entry', hexNumber(header.entry, 8)]);
  if (checksum !== null) facts.push(['checksum', checkText(checksum, 2)]);
  if (crc !== null) facts.push(['CRC-32', checkText(crc, 8)]);
  const rows = segments.map(({ address, offset, bytes }, index) => {
    return [
      String(index + 1),
      hexNumber(address, 8),
      String(bytes),
      hexNumber(offset, 6),
      memoryOf(kind, address, index) ?? '?',
    ];
  });
  const table = rows.length === 0 ? '' : textTable(segmentColumns, rows);
  return factText(facts) + table + sentences(image.remarks);
}

const segmentColumns = [
  { title: 'SEGMENT', align: 'right' },
  { title: 'ADDRESS', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'OFFSET', align: 'right' },
  { title: 'MEMORY' },
] as const;

/** The first segment of a second-stage image stays in the flash and has the address 0. */
function memoryOf(kind: ImageInfo['kind'], address: number, index: number): string | null {
  if (kind === 'esp32') return null;
  return kind === 'second-stage' && index === 0 ? 'IROM' : memoryAt(address);
}

function magicOf(kind: ImageInfo['kind']): number {
  return kind === 'second-stage' ? secondStageMagic : imageMagic;
}

function parameters(header: ImageHeader, chip: ChipDefinition) {
  const { modes, sizes, frequencies } = chip.header;
  const sizeCodes = Object.entries(sizes).map(([name, { code }]) => [name, code] as const);
  return {
    mode: nameOf(Object.entries(modes), header.modeCode),
    size: nameOf(sizeCodes, header.sizeCode),
    frequency: nameOf(Object.entries(frequencies), header.frequencyCode),
  };
}

function nameOf(codes: readonly (readonly [string, number])[], code: number): string {
  return codes.find(([, known]) => known === code)?.[0] ?? hexNumber(code, 2);
}

function checkText({ stored, calculated }: Check, digits: number): string {
  const right = stored === calculated;
  return `${hexNumber(stored, digits)}, ${right ? 'right' : `but the bytes give ${hexNumber(calculated, digits)}`}`;
}

function factText(facts: readonly (readonly [string, string])[]): string {
  return facts.map(([name, value]) => `${name.padEnd(9)} ${value}\n`).join('');
}

function sentences(remarks: readonly string[]): string {
  return remarks.map((remark) => `${remark}\n`).join('');
}
