import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedBench } from '../dist/simulator/bench.js';
import { runClient } from './client.js';
import { buildFirmware, firmwares } from './firmware-like.js';
import { limitsOf } from './limits.js';
import { usedModule } from './module.js';
import { busyShare, printTable, processorTicks, seconds } from './report.js';

const phases = ['connect', 'identify', 'loader', 'write', 'verify'];
const runLimitMs = 300_000;

/**
 * Writes each firmware with jigd and with esptool-js to the same simulated module and compares both with the bound.
 * @param {{ bauds: readonly number[], repeats: number }} options
 */
export async function benchLoader({ bauds, repeats }) {
  const folder = mkdtempSync(join(tmpdir(), 'jigd-bench-'));
  const runs = [];
  try {
    for (const firmware of /** @type {(keyof typeof firmwares)[]} */ (Object.keys(firmwares))) {
      const image = buildFirmware(firmware);
      const files = writeFiles(folder, firmware, image);
      for (const baud of bauds.flatMap((rate) => Array(repeats).fill(rate))) {
        const work = { baud, ...files };
        console.log(`${firmware} at ${baud} …`);
        const jigd = await flash('loader-jigd.js', image, work);
        const esptoolJs = await flash('loader-esptool-js.js', image, work);
        runs.push({ firmware, bytes: image.length, baud, ...limitsOf(image, baud), jigd, esptoolJs });
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  print(runs);
  return { timing: usedModule('real').flash.timing, runs };
}

/** @param {string} folder @param {string} name @param {Uint8Array} bytes */
function writeFiles(folder, name, bytes) {
  const image = join(folder, `${name}.bin`);
  const job = join(folder, `${name}.yaml`);
  writeFileSync(image, bytes);
  const [flash, at] = ['flash: { size: detect }', `images: [{ file: ${name}.bin, at: 0 }]`];
  writeFileSync(job, ['name: bench', 'chip: esp8266', flash, at, 'boot: off', ''].join('\n'));
  return { image, job };
}

/**
 * @param {string} script
 * @param {Uint8Array} image
 * @param {{ baud: number, image: string, job: string }} work
 */
async function flash(script, image, work) {
  const bench = await SimulatedBench.open({ nests: 1, speed: 'real', clock: systemClock });
  try {
    const nest = bench.nest(1);
    const chip = usedModule('real');
    nest.insert(chip);
    const before = processorTicks();
    const take = (/** @type {any} */ message) => {
      if (message.line !== undefined) nest.wire(message.line).pull(message.active ? 'low' : null);
      return message.result;
    };
    const { result, processMs } = await runClient(script, { port: nest.portPath, ...work }, take, runLimitMs);
    const machineBusy = busyShare(before, processorTicks());
    if (Buffer.compare(chip.flash.read(0, image.length), image) !== 0) throw new Error(`${script} wrote other bytes.`);
    return { .../** @type {any} */ (result), processMs, machineBusy };
  } finally {
    await bench[Symbol.asyncDispose]();
  }
}

/** @param {readonly any[]} runs */
function print(runs) {
  printTable(
    'Bounds: the line carries the compressed image in data packets; the flash is erased and programmed',
    ['firmware', 'baud', 'bytes', 'deflated', 'ratio', 'line s', 'flash s'],
    runs.map((run) => [
      run.firmware,
      run.baud,
      run.bytes,
      run.compressedBytes,
      (run.compressedBytes / run.bytes).toFixed(3),
      seconds(run.wireMs),
      seconds(run.flashMs),
    ]),
  );
  printTable(
    'jigd by phase, seconds; "process" is from the start of Node to its end',
    ['firmware', 'baud', ...phases, 'session', 'process', '/ bound', 'machine busy'],
    runs.map((run) => [
      run.firmware,
      run.jigd.baud,
      ...phases.map((phase) => seconds(run.jigd.phaseMs[phase] ?? 0)),
      ...totals(run, run.jigd),
    ]),
  );
  printTable(
    'esptool-js 0.7.0, seconds',
    ['firmware', 'baud', 'start', 'write', 'verify', 'session', 'process', '/ bound', 'machine busy', 'jigd / it'],
    runs.map((run) => [
      run.firmware,
      run.baud,
      ...['start', 'write', 'verify'].map((phase) => seconds(run.esptoolJs.phaseMs[phase])),
      ...totals(run, run.esptoolJs),
      (run.jigd.processMs / run.esptoolJs.processMs).toFixed(3),
    ]),
  );
}

/** @param {any} run @param {any} client */
function totals(run, client) {
  const ratio = (client.processMs / run.boundMs).toFixed(3);
  return [seconds(client.totalMs), seconds(client.processMs), ratio, `${Math.round(client.machineBusy * 100)} %`];
}
