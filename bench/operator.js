import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedBench } from '../dist/simulator/bench/bench.js';
import { usedModule } from './module.js';
import { nestSetup, startBenchStation } from './station-setup.js';

/** Longer than a bounce, so that the next press counts. */
const releaseMs = 60;
const presses = 20;
const silentPresses = 3;

/** Press to busy lamp, and a silent module to its verdict: station and bench in one process, lines at once. */
export async function benchOperator() {
  const folder = mkdtempSync(join(tmpdir(), 'jigd-bench-'));
  const bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  const nest = bench.nest(1);
  const setup = { nests: [nestSetup(nest)], ledgerPath: join(folder, 'ledger.db') };
  const station = await startBenchStation(setup, bench.lines);
  try {
    nest.insert(usedModule('fast'));
    const busyMs = [];
    for (let count = 0; count < presses; count += 1) busyMs.push((await press(nest, station)).busyMs);
    nest.remove();
    const verdictMs = [];
    for (let count = 0; count < silentPresses; count += 1) verdictMs.push((await press(nest, station)).verdictMs);
    return { busyMs, verdictMs };
  } finally {
    await station.stop();
    await bench[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}

/**
 * One press and its run.
 * @param {import('../src/simulator/bench/bench-nest.ts').BenchNest} nest
 * @param {Awaited<ReturnType<typeof startBenchStation>>} station
 * @returns {Promise<{ busyMs: number, verdictMs: number }>} from the contact to the busy lamp, and to the result lamp
 */
async function press(nest, station) {
  const startMs = performance.now();
  let busyMs = Number.NaN;
  let lampMs = Number.NaN;
  const lamps = nest.onLamp((lamp, lit) => {
    if (!lit) return;
    if (lamp === 'busy' && Number.isNaN(busyMs)) busyMs = performance.now() - startMs;
    if (lamp === 'pass' || lamp === 'fail') lampMs = performance.now() - startMs;
  });
  const ended = new Promise((resolve, reject) => {
    const watch = station.events.subscribe((event) => {
      // A start that is refused has no result, and the bench would wait for it for ever.
      if (event.kind === 'notice') reject(new Error(`${event.notice.code}: ${event.notice.detail}`));
      else if (event.kind === 'runResult') resolve(undefined);
      else return;
      watch[Symbol.dispose]();
    });
  });
  nest.press();
  await ended;
  lamps[Symbol.dispose]();
  nest.release();
  await systemClock.sleep(releaseMs);
  return { busyMs, verdictMs: lampMs };
}
