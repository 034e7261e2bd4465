import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/**
 * A table in Markdown, aligned, so that it reads well in a terminal too; numbers stand to the right.
 * @param {string} title
 * @param {readonly string[]} heads
 * @param {readonly (readonly (string | number)[])[]} rows
 * @param {number} [texts] the first columns, which hold text
 */
export function printTable(title, heads, rows, texts = 1) {
  const cells = [heads, ...rows].map((row) => row.map((cell) => String(cell)));
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths.map((width, at) => (at >= texts ? (row[at] ?? '').padStart(width) : (row[at] ?? '').padEnd(width))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at >= texts ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [head = [], ...body] = cells;
  console.log(`\n${title}\n\n${[line(head), line(rule), ...body.map(line)].join('\n')}`);
}

/** @param {number} ms @param {number} [digits] */
export function seconds(ms, digits = 2) {
  return (ms / 1000).toFixed(digits);
}

/** @param {readonly number[]} values at least one */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, count: sorted.length };
}

/** The machine, and how busy others keep it: without that no number can be compared. */
export function machine() {
  const [first] = cpus();
  return { cpu: first?.model ?? 'unknown', cores: cpus().length, node: process.version, load: loadavg()[0] ?? 0 };
}

/** Time that this machine's processors have worked since the boot, for whoever it was, in ticks of the kernel. */
export function processorTicks() {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + soft + steal;
  return { busy, whole: busy + idle + waiting };
}

/**
 * How busy all processors were in between, 0 … 1: far more than in a quiet run means that others were at work.
 * @param {ReturnType<typeof processorTicks>} before
 * @param {ReturnType<typeof processorTicks>} after
 */
export function busyShare(before, after) {
  return (after.busy - before.busy) / Math.max(1, after.whole - before.whole);
}

/** Where results go: a folder that Git ignores. */
const folder = new URL('./results/', import.meta.url);

/** The time of this run of the bench, as it stands in the names of its files. */
const at = new Date().toISOString();
const stamp = at.replaceAll(':', '-').slice(0, 19);

/**
 * Writes `bench/results/<time>.json`.
 * @param {object} result
 * @returns where it is
 */
export function saveResult(result) {
  return saveText('.json', `${JSON.stringify({ at, ...result }, null, 2)}\n`);
}

/**
 * Writes `bench/results/<time><suffix>`.
 * @param {string} suffix
 * @param {string} text
 * @returns where it is
 */
export function saveText(suffix, text) {
  mkdirSync(folder, { recursive: true });
  const name = `${stamp}${suffix}`;
  writeFileSync(new URL(name, folder), text);
  return `bench/results/${name}`;
}
