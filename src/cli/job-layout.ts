import type { ChipDefinition } from '../chips/chip-definition.ts';
import { hexNumber } from '../foundation/bytes.ts';
import { readHeader, readImage } from '../firmware/image-header.ts';
import type { ImageHeader } from '../firmware/image-header.ts';
import type { ResolvedJob } from '../firmware/resolve-job.ts';
import { textTable } from './text-table.ts';

/** A resolved job as one stable JSON object. */
export interface JobLayout {
  readonly file: string;
  readonly name: string;
  readonly product: string;
  readonly release: string | null;
  readonly chip: string;
  readonly hash: string;
  readonly operation: string;
  /** Bytes of flash that the layout is for; `detected`: they are an example. */
  readonly flash_bytes: number;
  readonly detected: boolean;
  readonly erase: string;
  /** `off`, `header`, or `text` when text of the application is waited for. */
  readonly boot: 'off' | 'header' | 'text';
  readonly regions: readonly RegionRow[];
  /** The header of the image that the ROM boots, as in the file and as written; null without such an image. */
  readonly header_before: HeaderRow | null;
  readonly header_after: HeaderRow | null;
}

interface RegionRow {
  readonly address: number;
  /** The last byte's address. */
  readonly end: number;
  readonly bytes: number;
  readonly compressed_bytes: number;
  readonly what: string;
  readonly md5: string;
}

interface HeaderRow {
  readonly mode: string;
  readonly size: string;
  readonly frequency: string;
}

/** Works out the layout for a flash of this many bytes. @throws StationError J05 */
export function jobLayout(file: string, job: ResolvedJob, flashBytes: number): JobLayout {
  const regions = job.regionsFor(flashBytes);
  const { bootAddress } = job.chip;
  const before = job.images.find(({ at }) => at === bootAddress);
  const after = regions.find(({ address }) => address === bootAddress);
  return {
    file,
    name: job.name,
    product: job.product,
    release: job.release,
    chip: job.chip.family,
    hash: job.hash,
    operation: job.operation,
    flash_bytes: flashBytes,
    detected: job.flash.size === 'detect',
    erase: job.erase,
    boot: typeof job.boot === 'string' ? job.boot : 'text',
    regions: regions.map(({ address, data, compressed, label, md5 }) => ({
      address,
      end: address + data.length - 1,
      bytes: data.length,
      compressed_bytes: compressed.length,
      what: label,
      md5,
    })),
    header_before: before === undefined ? null : headerRow(before.bytes, job.chip),
    header_after: after === undefined ? null : headerRow(after.data, job.chip),
  };
}

/** The layout for people. */
export function layoutText(layout: JobLayout): string {
  const { header_before: before, header_after: after } = layout;
  const size = `${layout.flash_bytes / 1024} KB${layout.detected ? ' (example: the job detects the size)' : ''}`;
  const facts = [
    ['name', layout.name],
    ['product', layout.product],
    ['release', layout.release ?? 'not given'],
    ['chip', layout.chip],
    ['flash', size],
    ['erase', layout.erase],
    ['boot check', { off: 'off', header: 'what the ROM says', text: 'text of the application' }[layout.boot]],
    ['header', before === null || after === null ? 'no image at the boot address' : change(before, after)],
    ['hash', layout.hash],
    ['operation', layout.operation],
  ];
  const width = Math.max(...facts.map(([name = '']) => name.length));
  const table = textTable(
    [
      { title: 'ADDRESS', align: 'right' },
      { title: 'END', align: 'right' },
      { title: 'BYTES', align: 'right' },
      { title: 'COMPRESSED', align: 'right' },
      { title: 'WHAT' },
      { title: 'MD5' },
    ],
    layout.regions.map((row) => [
      hexNumber(row.address, 6),
      hexNumber(row.end, 6),
      String(row.bytes),
      String(row.compressed_bytes),
      row.what,
      row.md5,
    ]),
  );
  return `${facts.map(([name = '', value = '']) => `${name.padEnd(width)}  ${value}\n`).join('')}\n${table}`;
}

function change(before: HeaderRow, after: HeaderRow): string {
  const [from, to] = [before, after].map(({ mode, size, frequency }) => `${mode} ${size} ${frequency}`);
  return from === to ? `${from ?? ''}, unchanged` : `${from ?? ''} -> ${to ?? ''}`;
}

function headerRow(bytes: Uint8Array, chip: ChipDefinition): HeaderRow | null {
  if (readImage(bytes).kind !== 'image') return null;
  const header: ImageHeader = readHeader(bytes);
  const { modes, sizes, frequencies } = chip.header;
  const name = (codes: readonly (readonly [string, number])[], code: number): string =>
    codes.find(([, known]) => known === code)?.[0] ?? hexNumber(code, 2);
  return {
    mode: name(Object.entries(modes), header.modeCode),
    size: name(
      Object.entries(sizes).map(([size, { code }]) => [size, code] as const),
      header.sizeCode,
    ),
    frequency: name(Object.entries(frequencies), header.frequencyCode),
  };
}
