import { plannedBytes, planRegion } from '../../bootloader/write-plan.ts';
import { hexNumber } from '../../foundation/bytes.ts';
import type { ResolvedJob } from '../../firmware/resolve-job.ts';
import { headerRow } from './header-row.ts';
import type { HeaderRow } from './header-row.ts';
import { bootFacts, bootRow } from './job-boot.ts';
import type { BootRow } from './job-boot.ts';
import { jobNotes } from './job-notes.ts';
import type { Region } from '../../firmware/job.ts';
import { usualBaud } from '../module/module-target.ts';
import { textTable } from '../terminal/text-table.ts';

/** A resolved job as one stable JSON object. */
export interface JobLayout {
  readonly file: string;
  readonly name: string;
  readonly product: string;
  readonly release: string | null;
  readonly chip: string;
  readonly hash: string;
  readonly operation: string;
  /** Bytes of flash that the layout is for; `detected`: an example, since the job follows the module. */
  readonly flash_bytes: number;
  readonly detected: boolean;
  readonly erase: string;
  readonly skip: string;
  /** `off`, `header`, or `text` when text of the application is waited for. */
  readonly boot: 'off' | 'header' | 'text';
  /** What is waited for and said; null unless `boot` is `text`. */
  readonly boot_check: BootRow | null;
  /** `refuse` or `allow`: what is done with a module that has passed before. */
  readonly reflash: string;
  /** How often a module may fail before it is refused. */
  readonly attempts: number;
  /** The flash parts that are allowed; null: any. */
  readonly flash_ids: readonly string[] | null;
  readonly variant: string;
  readonly regions: readonly RegionRow[];
  /** The header of the image that the ROM boots, as in the file and as written; null without such an image. */
  readonly header_before: HeaderRow | null;
  readonly header_after: HeaderRow | null;
  /** What the job asks for and does not get, or what may surprise; each one plain sentence. */
  readonly notes: readonly string[];
}

interface RegionRow {
  readonly address: number;
  /** The last byte's address. */
  readonly end: number;
  readonly bytes: number;
  /** What goes over the line at 921600 baud: compressed where that is faster, without runs of FF. */
  readonly sent_bytes: number;
  readonly what: string;
  readonly md5: string;
}

/** Works out the layout for a flash of this many bytes. @throws StationError J05 */
export async function jobLayout(file: string, job: ResolvedJob, flashBytes: number): Promise<JobLayout> {
  const regions = job.regionsFor(flashBytes);
  const { bootAddress } = job.chip;
  const before = job.images.find(({ at }) => at === bootAddress);
  const after = regions.find(({ address }) => address === bootAddress);
  const headerAfter = after === undefined ? null : headerRow(after.data, job.chip);
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
    skip: job.skip,
    reflash: job.policy.reflash,
    attempts: job.policy.attempts,
    flash_ids: job.policy.flashIds,
    variant: job.policy.variant,
    boot_check: bootRow(job, flashBytes),
    boot: typeof job.boot === 'string' ? job.boot : 'text',
    regions: await Promise.all(regions.map((region) => regionRow(region, job.erase === 'all'))),
    header_before: before === undefined ? null : headerRow(before.bytes, job.chip),
    header_after: headerAfter,
    notes: jobNotes(job, headerAfter, flashBytes),
  };
}

async function regionRow(region: Region, erased: boolean): Promise<RegionRow> {
  const { address, data, label, md5 } = region;
  const steps = await planRegion(region, { baud: usualBaud, erased });
  const end = address + data.length - 1;
  return { address, end, bytes: data.length, sent_bytes: plannedBytes(steps), what: label, md5 };
}

/** The layout for people. */
export function layoutText(layout: JobLayout): string {
  const { header_before: before, header_after: after } = layout;
  const size = `${layout.flash_bytes / 1024} KB${layout.detected ? ' (example: the job follows the module)' : ''}`;
  const facts = [
    ['name', layout.name],
    ['product', layout.product],
    ['release', layout.release ?? 'not given'],
    ['chip', layout.chip],
    ['flash', size],
    ['erase', layout.erase],
    ['skip', layout.skip],
    ['boot check', { off: 'off', header: 'what the ROM says', text: 'text of the application' }[layout.boot]],
    ...(layout.boot_check === null ? [] : bootFacts(layout.boot_check)),
    ['reflash', layout.reflash],
    ['attempts', String(layout.attempts)],
    ['flash ids', layout.flash_ids?.join(', ') ?? 'any'],
    ['variant', layout.variant],
    ['header', before === null || after === null ? 'no image at the boot address' : change(before, after)],
    ['hash', layout.hash],
    ['operation', layout.operation],
    ...layout.notes.map((note) => ['note', note]),
  ];
  const width = Math.max(...facts.map(([name = '']) => name.length));
  const table = textTable(
    [
      { title: 'ADDRESS', align: 'right' },
      { title: 'END', align: 'right' },
      { title: 'BYTES', align: 'right' },
      { title: 'SENT', align: 'right' },
      { title: 'WHAT' },
      { title: 'MD5' },
    ],
    layout.regions.map((row) => [
      hexNumber(row.address, 6),
      hexNumber(row.end, 6),
      String(row.bytes),
      String(row.sent_bytes),
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
