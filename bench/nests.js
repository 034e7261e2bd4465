import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedBench } from '../dist/simulator/bench/bench.js';
import { runClient } from './client.js';
import { usedModule } from './module.js';
import { serveLines } from './remote-lines.js';
import { busyShare, processorTicks, spread } from './report.js';
import { nestSetup } from './station-setup.js';

const limitMs = 120_000;

/**
 * Presses all buttons at once and waits for all results.
 * @param {number} nests 0: only starts and stops a station with 16 nests
 * @param {number} repeats runs on each nest, one after the other
 */
export async function benchNests(nests, repeats = 1) {
  const folder = mkdtempSync(join(tmpdir(), 'jigd-bench-'));
  const bench = await SimulatedBench.open({ nests: nests === 0 ? 16 : nests, speed: 'real', clock: systemClock });
  try {
    for (const nest of bench.nests) nest.insert(usedModule('real', nest.number));
    const setup = { nests: bench.nests.map(nestSetup), ledgerPath: join(folder, 'ledger.db'), runs: nests * repeats };
    const lines = serveLines(bench.lines);
    const startMs = performance.now();
    let readyMs = Number.NaN;
    const cpuBefore = process.cpuUsage();
    const ticksBefore = processorTicks();
    const take = (/** @type {any} */ message, /** @type {any} */ station) => {
      if (message.ready !== undefined) {
        readyMs = performance.now() - startMs;
        if (nests > 0) for (const nest of bench.nests) void pressRepeatedly(nest, repeats);
      }
      void lines(message, station);
      return message.result;
    };
    const { result } = await runClient('station-process.js', setup, take, limitMs * repeats);
    const wholeMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    const { results, startUp, peakRssKb, cpuMs } = /** @type {any} */ (result);
    return {
      nests,
      readyMs,
      startUp,
      peakRssKb,
      outcomes: results.map((/** @type {any} */ run) => run.code ?? run.outcome),
      totalMs: results.length === 0 ? null : spread(results.map((/** @type {any} */ run) => run.totalMs)),
      stationCpu: cpuMs / wholeMs,
      simulatorCpu: (user + system) / 1000 / wholeMs,
      machineBusy: busyShare(ticksBefore, processorTicks()),
    };
  } finally {
    await bench[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {import('../src/simulator/bench/bench-nest.ts').BenchNest} nest
 * @param {number} times
 */
async function pressRepeatedly(nest, times) {
  for (let count = 0; count < times; count += 1) {
    const shown = new Promise((resolve) => {
      const watch = nest.onLamp((lamp, lit) => {
        if (!lit || (lamp !== 'pass' && lamp !== 'fail')) return;
        watch[Symbol.dispose]();
        resolve(undefined);
      });
    });
    nest.press();
    await shown;
    nest.release();
    await systemClock.sleep(250);
  }
}
