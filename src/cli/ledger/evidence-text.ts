import type { HeardText, LinkChange, RunEvidence, TracedFrame } from '../../nest/evidence/run-evidence.ts';
import { textTable } from '../terminal/text-table.ts';

const width = 78;
const hexBytesPerLine = 16;

/** What is kept of a run that did not pass, for a screen of 80 columns; ends in a line feed. */
export function evidenceText(evidence: RunEvidence): string {
  const { code, detail, phase, totalMs, sentBytes, heardBytes, discardedBytes, cut } = evidence;
  const noise = discardedBytes === null ? '' : `, ${discardedBytes} of them in no frame`;
  const head = [
    `${code} ${phase === null ? 'before the first phase' : `in phase ${phase}`}, after ${ms(totalMs)} ms`,
    ...wrapped(detail),
    ...(cut === null ? [] : wrapped(cut)),
    ...wrapped(identityLine(evidence)),
    ...wrapped(`Sent ${sentBytes} bytes, heard ${heardBytes} bytes${noise}.`),
  ];
  const sections = [
    lines(head),
    section('Phases', phaseTable(evidence)),
    section('Digests', digestLines(evidence)),
    section('Lines and rates', lines(changeLines(evidence.changes))),
    section('Text heard after a reset or a change of rate', textLines(evidence.texts)),
    section('Last frames, sent (>) and heard (<), bytes as on the wire', lines(framesLines(evidence.frames))),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, content: string): string {
  return `${title}\n${content === '' ? '  none\n' : content}`;
}

function identityLine({ identity: { mac, chip, flashId, flashBytes } }: RunEvidence): string {
  const known = [mac, chip, flashId && `flash ${flashId}`, flashBytes && `${flashBytes} bytes`].filter(Boolean);
  return known.length === 0 ? 'The module was not identified.' : `Module ${known.join(', ')}.`;
}

function phaseTable({ phases }: RunEvidence): string {
  if (phases.length === 0) return '';
  const columns = [
    { title: '  at ms', align: 'right' },
    { title: 'phase' },
    { title: 'took ms', align: 'right' },
  ] as const;
  return textTable(
    columns,
    phases.map((span) => [ms(span.atMs), span.phase, ms(span.ms)]),
  );
}

function digestLines({ digestsExpected, digestsActual }: RunEvidence): string {
  const found = new Map(digestsActual.map(({ address, md5 }) => [address, md5]));
  const rows = digestsExpected.flatMap(({ address, md5 }) => {
    const actual = found.get(address);
    const place = `  0x${address.toString(16).padStart(6, '0')}`;
    if (actual === md5) return [`${place} ${md5} as expected`];
    return [`${place} ${actual ?? 'not read'}`, `${' '.repeat(place.length)} ${md5} was expected`];
  });
  return lines(rows);
}

/** Several changes a line, as many as fit. */
function changeLines(changes: readonly LinkChange[]): string[] {
  return flowed(
    changes.map((change) => {
      const what = change.kind === 'rate' ? `${change.baud} baud` : `${change.line} ${change.active ? 'low' : 'off'}`;
      return `${ms(change.atMs)} ${what}`;
    }),
  );
}

function textLines(texts: readonly HeardText[]): string {
  return lines(
    texts.flatMap(({ atMs, baud, bytes, start, end }) => {
      const missing = bytes - start.length - end.length;
      const gap = `  ... ${missing} bytes that are not kept ...`;
      return [
        `  at ${ms(atMs)} ms, ${baud} baud, ${byteCount(bytes)}`,
        ...(missing > 0 ? [...quoted(start), gap, ...quoted(end)] : quoted(start + end)),
      ];
    }),
  );
}

function framesLines(frames: readonly TracedFrame[]): string[] {
  const before = { sent: '', heard: '' };
  return frames.flatMap((frame) => {
    const repeated = frame.bytes > hexBytesPerLine && before[frame.direction] === frame.head;
    before[frame.direction] = frame.head;
    return repeated ? [`${frameLine(frame)}, as before`] : [frameLine(frame), ...hexLines(frame)];
  });
}

function frameLine({ atMs, direction, command, status, bytes }: TracedFrame): string {
  const arrow = direction === 'sent' ? '>' : '<';
  const answer = status === null ? '' : `, status ${status.slice(0, 2)} ${status.slice(2)}`;
  return `  ${ms(atMs).padStart(8)} ${arrow} ${(command ?? 'raw').padEnd(18)} ${byteCount(bytes)}${answer}`;
}

function hexLines({ bytes, head }: TracedFrame): string[] {
  const pairs = head.match(/../g) ?? [];
  const shown = bytes > pairs.length ? [...pairs, '...'] : pairs;
  const rows: string[] = [];
  for (let at = 0; at < shown.length; at += hexBytesPerLine) {
    // The dots stay behind the last byte.
    const end = shown.length - at === hexBytesPerLine + 1 && bytes > pairs.length ? shown.length : at + hexBytesPerLine;
    rows.push(`${' '.repeat(13)}${shown.slice(at, end).join(' ')}`);
    if (end === shown.length) break;
  }
  return rows;
}

function byteCount(bytes: number): string {
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** A text as it came, line by line; what cannot be printed as `\xNN`. */
function quoted(text: string): string[] {
  if (text === '') return [];
  const printable = text
    .replace(/\r\n?/g, '\n')
    .replace(/\n+$/, '')
    .replace(/[^\n -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const room = width - 4;
  return printable.split('\n').flatMap((line) => {
    const parts = [];
    for (let at = 0; at < Math.max(1, line.length); at += room)
      parts.push(`  | ${line.slice(at, at + room)}`.trimEnd());
    return parts;
  });
}

function flowed(items: readonly string[]): string[] {
  const rows: string[] = [];
  for (const item of items) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + item.length + 2 <= width) rows[rows.length - 1] = `${last}, ${item}`;
    else rows.push(`  ${item}`);
  }
  return rows;
}

function wrapped(sentence: string): string[] {
  const rows: string[] = [];
  for (const word of sentence.split(' ')) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + word.length < width) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}

function lines(rows: readonly string[]): string {
  return rows.map((row) => `${row}\n`).join('');
}

function ms(value: number): string {
  return value.toFixed(1);
}
