import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedBench } from '../dist/simulator/bench/bench.js';
import { SimulatedChip } from '../dist/simulator/chip/chip.js';
import { buildFirmware } from './firmware-like.js';
import { limitsOf } from './limits.js';
import { findClients, settle } from './loader-clients.js';
import { printLoader } from './loader-tables.js';
import { flashContent, moduleParts } from './module.js';
import { watchPort } from './port-watch.js';
import { busyShare, processorTicks, saveText } from './report.js';
import { LoggedChip } from './wire-log.js';
import { accountFor, logText, printAccount } from './wire-trace.js';

/** Start, RAM loader and end of the process; only for the estimate. */
const besidesMs = 4000;

/**
 * Writes each firmware with each client to the same simulated module and compares them with the bound.
 * @param {ReturnType<typeof import('./loader-plan.js').planLoader>} plan
 */
export async function benchLoader({ cells, repeats, trace }) {
  const folder = mkdtempSync(join(tmpdir(), 'jigd-bench-'));
  const { clients, esptool } = findClients();
  const work = cells.map((cell) => ({ ...cell, image: buildFirmware(cell.firmware) }));
  const known = work.map(({ image, baud, content, clients: names, ...cell }) => {
    const able = clients.filter(({ name }) => names.includes(name));
    return { ...cell, image, baud, content, clients: able, limits: limitsOf(image, baud, content) };
  });
  tellDuration(known, repeats);
  const cellRuns = [];
  try {
    for (const { image, limits, clients: able, ...cell } of known) {
      const files = writeFiles(folder, cell, image);
      /** @type {any[]} */
      const runs = [];
      for (let turn = 0; turn < repeats; turn += 1) {
        for (const client of able) {
          const name = `${client.name}, ${cell.firmware}, ${cell.baud}, ${cell.content} flash`;
          console.log(`${name} …`);
          runs.push({ client: client.name, ...(await flash(client, name, image, { ...cell, ...files }, trace)) });
        }
      }
      if (runs.length > 0) cellRuns.push({ ...cell, ...limits, runs });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  printLoader(cellRuns);
  return { timing: moduleParts('real').flash.timing, esptool: esptool?.version ?? null, cells: cellRuns };
}

/** @param {readonly { limits: { boundMs: number, digestMs: number }, clients: readonly any[] }[]} cells @param {number} repeats */
function tellDuration(cells, repeats) {
  const ms = cells.reduce(
    (sum, { limits, clients }) => sum + (limits.boundMs + limits.digestMs + besidesMs) * clients.length * repeats,
    0,
  );
  const runs = cells.reduce((sum, { clients }) => sum + clients.length * repeats, 0);
  console.log(`${runs} runs, about ${ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`}`);
}

/**
 * @param {string} folder
 * @param {{ firmware: string, content: string }} cell
 * @param {Uint8Array} bytes
 */
function writeFiles(folder, { firmware, content }, bytes) {
  const image = join(folder, `${firmware}.bin`);
  const job = join(folder, `${firmware}-${content}.yaml`);
  writeFileSync(image, bytes);
  const images = `images: [{ file: ${firmware}.bin, at: 0 }]`;
  const skip = content === 'same' ? ['skip: same'] : [];
  const lines = ['name: bench', 'chip: esp8266', 'flash: { size: detect }', images, ...skip, 'boot: off', ''];
  writeFileSync(job, lines.join('\n'));
  return { image, job };
}

/**
 * One run. What goes wrong in it is told and kept in place of its figures; the others go on.
 * @param {import('./loader-clients.js').Client} client
 * @param {string} name
 * @param {Uint8Array} image
 * @param {{ baud: number, image: string, job: string, content: import('./module.js').ModuleContent }} work
 * @param {boolean} trace
 */
async function flash(client, name, image, { content, ...files }, trace) {
  const bench = await SimulatedBench.open({ nests: 1, speed: 'real', clock: systemClock });
  let stopWatching = () => {};
  try {
    const nest = bench.nest(1);
    const parts = moduleParts('real', 1, flashContent(content, image));
    const chip = trace ? new LoggedChip(parts) : new SimulatedChip(parts);
    nest.insert(chip);
    await settle(nest);
    const before = processorTicks();
    /** @type {import('./loader-clients.js').Mark[]} */
    const opened = [];
    const open = (/** @type {number} */ atMs) => void opened.push({ name: 'port open', atMs });
    // Looking costs time, so only a run that is traced is looked at.
    const watch = (/** @type {number} */ pid) => {
      if (trace) stopWatching = watchPort(pid, nest.portPath, open);
    };
    const run = await client.run(nest, { port: nest.portPath, ...files }, watch);
    const { result, processMs, startMs, endMs, marks } = run;
    const machineBusy = busyShare(before, processorTicks());
    if (chip instanceof LoggedChip) tellTrace(name, chip.log, { startMs, endMs, marks: [...marks, ...opened] });
    if (Buffer.compare(chip.flash.read(0, image.length), image) !== 0) throw new Error('It wrote other bytes.');
    if (content === 'same' && chip.flash.programmed.length > 0) throw new Error('It wrote what was there already.');
    return { ...result, processMs, machineBusy };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    console.log(`${name}: ${problem}`);
    process.exitCode = 1;
    return { problem };
  } finally {
    stopWatching();
    await bench[Symbol.asyncDispose]();
  }
}

/**
 * @param {string} name
 * @param {import('./wire-log.js').WireLog} log
 * @param {{ startMs: number, endMs: number, marks: readonly { name: string, atMs: number }[] }} span
 */
function tellTrace(name, log, span) {
  printAccount(name, accountFor(log, span));
  const suffix = `-${name.replaceAll(/[^\w-]+/g, '-')}.trace.txt`;
  console.log(`\nEvery frame: ${saveText(suffix, logText(log, span.startMs))}\n`);
}
