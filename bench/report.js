import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/**
 * A table for a terminal; numbers stand to the right.
 * @param {string} title
 * @param {readonly string[]} heads
 * @param {readonly (readonly (string | number)[])[]} rows
 */
export function printTable(title, heads, rows) {
  const cells = [heads, ...rows].map((row) => row.map((cell) => String(cell)));
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const right = heads.map((_, column) => column > 0);
  const line = (/** @type {readonly string[]} */ row) =>
    row.map((cell, at) => (right[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join('  ');
  console.log(`\n${title}\n${cells.map(line).join('\n')}`);
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

/**
 * Writes `bench/results/<time>.json`.
 * @param {object} result
 * @returns where it is
 */
export function saveResult(result) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const name = `${at.replaceAll(':', '-').slice(0, 19)}.json`;
  writeFileSync(new URL(name, folder), `${JSON.stringify({ at, ...result }, null, 2)}\n`);
  return `bench/results/${name}`;
}
