import { closeSync, constants, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../dist/foundation/system-clock.js';
import { runClient, runProgram } from './client.js';
import { esptoolArguments, esptoolResult, findEsptool } from './esptool.js';
import { jigdResult } from './jigd-result.js';

const runLimitMs = 300_000;
/** The ROM has printed its text, and listens or has started what is in the flash. */
const startMs = 300;

/**
 * @typedef {{ port: string, baud: number, image: string, job: string }} Work
 * @typedef {{ name: string, atMs: number }} Mark
 * @typedef {{ totalMs: number, phaseMs: Record<string, number>, baud: number, retries: number }} Result
 * @typedef {{ result: Result, processMs: number, startMs: number, endMs: number, marks: readonly Mark[] }} ClientRun
 * @typedef {{ name: string, skipsSame: boolean,
 *   run: (nest: import('../src/simulator/bench/bench-nest.ts').BenchNest, work: Work,
 *   onStart: (pid: number) => void) => Promise<ClientRun> }} Client
 */

/** jigd with the lines of the module: the whole command, from a cold module. */
const jigd = { name: 'jigd', skipsSame: true, run: scriptWithLines('loader-jigd.js') };

/** jigd at a module that waits in its ROM loader: the program as it is installed, no lines. */
const jigdWithoutLines = {
  name: 'jigd-none',
  skipsSame: true,
  run: async (/** @type {any} */ nest, /** @type {Work} */ { port, baud, job }, /** @type {any} */ onStart) => {
    await enterLoader(nest);
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const args = ['flash', '--job', job, '--baud', String(baud), '--json', '--port', port, '--reset', 'none'];
    const { code, out, err, ...span } = await runProgram(process.execPath, [main, ...args], runLimitMs, onStart);
    if (code !== 0) throw new Error(`jigd ended with ${code}: ${err}`);
    return { result: jigdResult(out), marks: [], ...span };
  },
};

const esptoolJs = { name: 'esptool-js', skipsSame: false, run: scriptWithLines('loader-esptool-js.js') };

/** @param {import('./esptool.js').Esptool} esptool */
function pythonEsptool(esptool) {
  return {
    name: 'esptool',
    skipsSame: false,
    run: async (/** @type {any} */ nest, /** @type {Work} */ work, /** @type {any} */ onStart) => {
      await enterLoader(nest);
      const args = esptoolArguments(esptool, work);
      const { code, out, err, ...span } = await runProgram(esptool.program, args, runLimitMs, onStart);
      if (code !== 0) throw new Error(`${esptool.program} ended with ${code}: ${err}${out}`);
      return { result: esptoolResult(out, span.processMs, work.baud), marks: [], ...span };
    },
  };
}

/** All clients of this machine; says so when esptool is not among them. */
export function findClients() {
  const esptool = findEsptool();
  console.log(esptool === null ? 'esptool: not installed, skipped' : `esptool: ${esptool.program} ${esptool.version}`);
  const found = esptool === null ? [] : [pythonEsptool(esptool)];
  return { clients: /** @type {Client[]} */ ([jigd, jigdWithoutLines, esptoolJs, ...found]), esptool };
}

/** @param {string} script a client that resets the module itself, through wires of the bench */
function scriptWithLines(script) {
  return async (/** @type {any} */ nest, /** @type {Work} */ work, /** @type {any} */ onStart) => {
    /** @type {Mark[]} */
    const marks = [];
    const take = (/** @type {any} */ message) => {
      if (message.line !== undefined) nest.wire(message.line).pull(message.active ? 'low' : null);
      if (message.mark !== undefined) marks.push({ name: message.mark, atMs: performance.now() });
      return message.result;
    };
    return { ...(await runClient(script, work, take, runLimitMs, onStart)), marks };
  };
}

/**
 * Leaves the module in its ROM loader, its auto-baud untrained.
 * @param {import('../src/simulator/bench/bench-nest.ts').BenchNest} nest
 */
async function enterLoader(nest) {
  nest.wire('gpio0').pull('low');
  nest.wire('rst').pull('low');
  nest.wire('rst').pull(null);
  await settle(nest);
  nest.wire('gpio0').pull(null);
}

/**
 * Waits until the module has printed what it prints at its start, and takes that from the port: nobody had it open.
 * @param {import('../src/simulator/bench/bench-nest.ts').BenchNest} nest
 */
export async function settle(nest) {
  await systemClock.sleep(startMs);
  const port = openSync(nest.portPath, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    while (readSync(port, new Uint8Array(4096)) > 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') throw error;
  } finally {
    closeSync(port);
  }
}
