import { hexNumber } from '../../foundation/bytes.ts';
import type { ResolvedJob } from '../../firmware/resolve-job.ts';
import type { HeaderRow } from './header-row.ts';

/**
 * What a job asks for and does not get, or what may surprise; each one plain sentence.
 * @param header of the image at the boot address as it is written; null without such an image
 * @param flashBytes the flash that the layout is for
 */
export function jobNotes(job: ResolvedJob, header: HeaderRow | null, flashBytes: number): readonly string[] {
  return [...(header === null ? unsetNotes(job) : sizeNotes(job, header, flashBytes)), ...dialogueNotes(job)];
}

/** What a line of the dialogue does by mistake, as a rule. */
function dialogueNotes({ boot }: ResolvedJob): readonly string[] {
  if (typeof boot === 'string') return [];
  return boot.dialogue.flatMap(({ send, expect }, index) => {
    const step = `Step ${index + 1} of the dialogue`;
    const notes: string[] = [];
    // YAML takes '\r\n' in single quotes as it stands.
    if (/\\[rn]/.test(send)) notes.push(`${step} sends a backslash and a letter: \\r and \\n need double quotes.`);
    else if (!/[\r\n]$/.test(send)) notes.push(`${step} sends no end of the line: most firmware waits for \\r\\n.`);
    if (expect.test(send))
      notes.push(`${step} expects what it sends: firmware that repeats what it hears passes unasked.`);
    return notes;
  });
}

/** An image at the boot address is sound, or the job is refused with J04: then all wishes are carried out. */
function unsetNotes({ flash: { mode, frequency }, chip: { bootAddress } }: ResolvedJob): readonly string[] {
  const wishes = Object.entries({ mode, frequency }).filter(([, value]) => value !== 'keep');
  if (wishes.length === 0) return [];
  const words = wishes.map(([key, value]) => `${key} ${value}`).join(' and ');
  return [`${words} not set: the job has no image at ${hexNumber(bootAddress)}, whose header would say it.`];
}

/** Only a kept size can differ from the flash; the SDK takes the size from the header (protocol reference §7.6). */
function sizeNotes(job: ResolvedJob, header: HeaderRow, flashBytes: number): readonly string[] {
  const names = job.images.flatMap(({ at }) => (typeof at === 'string' ? [at] : []));
  if (names.length === 0 || job.chip.header.sizes[header.size]?.bytes === flashBytes) return [];
  const places = [...new Set(names)].join(', ');
  return [
    `The header keeps ${header.size}, and ${places} is where ${flashBytes / 1024} KB put it: firmware that trusts its header looks elsewhere.`,
  ];
}
