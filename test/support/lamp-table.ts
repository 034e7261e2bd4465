import { buzzerPatterns } from '../../src/nest/lamps/buzzer-patterns.ts';
import type { BuzzerPattern } from '../../src/nest/lamps/buzzer-patterns.ts';
import { lampPatterns } from '../../src/nest/lamps/lamp-patterns.ts';
import type { LampName, LampPattern } from '../../src/nest/lamps/lamp-patterns.ts';

const colours: Readonly<Record<LampName, string>> = { pass: 'green', fail: 'red', busy: 'yellow', ready: 'white' };

/** What an operator sees, for the README: looks and meaning of every pattern, and what a dead station looks like. */
export function lampTable(): string {
  const rows = lampPatterns.map((pattern) => [looks(pattern), pattern.means]);
  return table(['Lamp', 'Means'], [...rows, ['nothing at all', 'the station is dead, or is being stopped']]);
}

/** What a lamp does to the millisecond, for who builds the jig. */
export function lampTimesTable(): string {
  const rows = lampPatterns.map((pattern) => [pattern.means, looks(pattern), times(pattern)]);
  return table(['State', 'Lamp', 'Steps'], rows);
}

/** What a nest with a buzzer sounds like. */
export function soundTable(): string {
  return table(
    ['State', 'Sound', 'Steps'],
    buzzerPatterns.map((pattern) => [pattern.means, sounds(pattern), tones(pattern)]),
  );
}

/** The text of a page with its table put in, between `<!-- name -->` and `<!-- end -->`. */
export function withTable(page: string, name: string, content: string): string {
  const [before, rest] = split(page, `<!-- ${name} -->\n`);
  const [, after] = split(rest, '<!-- end -->');
  return `${before}<!-- ${name} -->\n\n${content}\n\n<!-- end -->${after}`;
}

function looks({ steps, repeat }: LampPattern): string {
  const flashes = steps.filter(({ lit }) => lit.length > 0);
  const seen = [...new Set(flashes.flatMap(({ lit }) => lit.map((lamp) => colours[lamp])))];
  const colour = seen.join(' and ');
  const ms = steps.map((step) => step.ms ?? 0);
  const period = seconds(ms.reduce((sum, each) => sum + each, 0));
  if (steps.length === 1) return `${colour}, steady`;
  if (seen.length > 1) return `${colour} in turn`;
  if (!repeat) return `${flashes.length} short ${colour} flashes`;
  if (flashes.length > 1) return `${colour} flashes ${flashes.length} times every ${period}`;
  const [on = 0, off = 0] = ms;
  if (on < off) return `${colour} winks every ${period}`;
  return `${colour}, ${seconds(on)} on and ${seconds(off)} off`;
}

function times({ steps, repeat }: LampPattern): string {
  if (steps.length === 1) return 'on';
  const each = steps.map(({ lit, ms }) => `${lit.map((lamp) => colours[lamp]).join('+') || 'dark'} ${ms}`);
  return `${each.join(', ')} ms${repeat ? '' : ', once'}`;
}

function sounds({ steps, repeat }: BuzzerPattern): string {
  const lengths = steps.flatMap(({ lit, ms }) => (lit.length > 0 ? [ms ?? 0] : []));
  if (lengths.length === 0) return 'none';
  const length = Math.max(...lengths) < 500 ? 'short' : 'long';
  if (repeat) return `${length}, again and again until the next press`;
  return `${lengths.length} ${length}`;
}

function tones({ steps, repeat }: BuzzerPattern): string {
  const each = steps.flatMap(({ lit, ms }) => (ms === null ? [] : [`${lit.length > 0 ? 'tone' : 'quiet'} ${ms}`]));
  if (each.length === 0) return 'quiet';
  return `${each.join(', ')} ms${repeat ? '' : ', once'}`;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

/** A Markdown table with columns of one width, as the formatter leaves them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function split(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`The page has no ${mark.trim()}.`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
