import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectReport } from '../dist/cli/ledger/report-data.js';
import { LocalTime } from '../dist/foundation/local-time.js';
import { systemClock } from '../dist/foundation/system-clock.js';
import { LedgerReader } from '../dist/ledger/ledger-reader.js';
import { Ledger } from '../dist/ledger/ledger.js';
import { openLedgerFile } from '../dist/ledger/file/open-ledger-file.js';
import { RunRows } from '../dist/ledger/runs/run-rows.js';
import { runProgram } from './client.js';
import { content, generatedRuns, lotOf, macOf } from './ledger-content.js';
import { printTable, spread } from './report.js';

const batch = 10_000;
const repeats = 9;
const commandLimitMs = 60_000;
const hourMs = 3_600_000;
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/**
 * Reports over 1,000,000 runs: figures, both Paretos, every nest and the hours, as `jigd report` asks for them. With
 * JIGD_BENCH_LEDGER a ledger of an earlier bench is used, or the new one kept there.
 */
export async function benchLedger() {
  const folder = mkdtempSync(join(tmpdir(), 'jigd-bench-'));
  const path = process.env['JIGD_BENCH_LEDGER'] ?? join(folder, 'ledger.sqlite');
  try {
    const made = existsSync(path) ? null : await makeLedger(path);
    const bytes = statSync(path).size;
    console.log(`${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytes / content.runs).toFixed(0)} bytes a run`);
    const queries = await timeQueries(path);
    const start = await timeStart(path);
    const command = await timeCommand(path);
    printTable(
      'Ledger of 1,000,000 runs, ms',
      ['figure', 'median', 'min', 'max', 'of'],
      [...queries, ...start, ...command].map(({ name, times }) => {
        const { median, min, max, count } = spread(times);
        return [name, median.toFixed(1), min.toFixed(1), max.toFixed(1), count];
      }),
    );
    return { ...content, bytes, made, queries, start, command };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} path */
async function makeLedger(path) {
  console.log('Making the ledger …');
  const startMs = performance.now();
  const file = await openLedgerFile(path, systemClock);
  try {
    const rows = new RunRows(file.connection);
    const runs = generatedRuns();
    let seq = 0;
    const insertBatch = file.connection.transaction(() => {
      for (let count = 0; count < batch; count += 1) {
        const next = runs.next();
        if (next.done === true) return false;
        const { opening, report, finishedAt } = next.value;
        rows.insert(opening, null);
        const run = { opening, writing: false, identity: {} };
        rows.close(run, report, { finishedAt, epoch: file.epoch, seq: (seq += 1) });
      }
      return true;
    });
    while (insertBatch());
  } finally {
    file.connection.close();
  }
  const ms = performance.now() - startMs;
  const perSecond = Math.round((content.runs * 1000) / ms);
  console.log(`${content.runs} runs in ${(ms / 1000).toFixed(0)} s: ${perSecond} a second, ${batch} in a transaction`);
  return { ms, perSecond };
}

/** @param {string} path */
async function timeQueries(path) {
  const reader = await LedgerReader.open(path);
  const local = new LocalTime('UTC');
  const toMs = content.lastAtMs + 1;
  const report = (/** @type {import('../dist/ledger/yield/yield-figures.js').YieldScope} */ scope) => () => {
    const { extent } = collectReport(reader, scope, toMs, local);
    if (extent.runs === 0) throw new Error('The report is empty.');
  };
  const day = { fromMs: toMs - 24 * hourMs, toMs };
  const shift = { fromMs: toMs - 8 * hourMs, toMs };
  const lot = lotOf(content.runs / 2);
  const cases = [
    { name: 'report of a lot, 2,000 runs', run: report({ lot }) },
    { name: 'report of a shift of 8 h, 3,600 runs', run: report(shift) },
    { name: 'report of 24 h, 10,800 runs', run: report(day) },
    { name: 'report of 24 h, one nest', run: report({ ...day, nest: 2 }) },
    { name: '… of that the yields of a lot', run: () => void reader.yieldOf({ lot }) },
    { name: '… the yields of 24 h', run: () => void reader.yieldOf(day) },
    { name: 'yields of all runs', run: () => void reader.yieldOf({}) },
    { name: 'trace of one module', run: () => void reader.trace({ by: 'mac', name: macOf(400_000) }) },
    { name: 'the last 50 runs', run: () => void [...reader.eachRun({ limit: 50 }, 'last-first')] },
    {
      name: 'the last 50 runs with V01',
      run: () => void [...reader.eachRun({ limit: 50, code: 'V01' }, 'last-first')],
    },
    { name: 'export of a lot, without the file', run: () => void [...reader.eachRun({ lot }, 'first-first')] },
  ];
  const rows = cases.map(({ name, run }) => ({ name, times: Array.from({ length: repeats }, () => timed(run)) }));
  reader.close();
  return rows;
}

/** What a start of the station does with its ledger before the first run. @param {string} path */
async function timeStart(path) {
  /** @type {number[]} */
  const times = [];
  for (let count = 0; count < 3; count += 1) {
    const startMs = performance.now();
    const ledger = await Ledger.open(path, { clock: systemClock });
    times.push(performance.now() - startMs);
    ledger.close();
  }
  return [{ name: 'opening and checking the ledger at the start', times }];
}

/** @param {string} path */
async function timeCommand(path) {
  const run = async (/** @type {string[]} */ ...args) =>
    (await runProgram(process.execPath, [main, ...args, '--ledger', path], commandLimitMs)).processMs;
  /** @type {number[]} */
  const times = [];
  for (let count = 0; count < 5; count += 1) times.push(await run('report', '--lot', lotOf(content.runs / 2)));
  return [{ name: '`jigd report --lot`, the whole command', times }];
}

/** @param {() => void} work */
function timed(work) {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}
