import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../dist/foundation/system-clock.js';
import { SimulatedBench } from '../dist/simulator/bench/bench.js';
import { runProgram } from './client.js';
import { buildFirmware } from './firmware-like.js';
import { watchPort } from './port-watch.js';
import { printTable, spread } from './report.js';

const starts = 9;
const limitMs = 20_000;
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** What a command costs before it does anything: Node alone, `--version`, and `jigd flash` until its port is open. */
export async function benchStart() {
  console.log('Starts of the command …');
  const folder = mkdtempSync(join(tmpdir(), 'jigd-bench-'));
  const bench = await SimulatedBench.open({ nests: 1, speed: 'fast', clock: systemClock });
  try {
    const job = join(folder, 'bench.yaml');
    writeFileSync(join(folder, 'bench.bin'), buildFirmware('1MiB'));
    writeFileSync(
      job,
      'name: bench\nchip: esp8266\nflash: { size: detect }\nimages: [{ file: bench.bin, at: 0 }]\nboot: off\n',
    );
    const flash = [main, 'flash', '--job', job, '--port', bench.nest(1).portPath, '--reset', 'none'];
    // Taken in turn, so that a busy moment of the machine meets all of them.
    const rows = { node: /** @type {number[]} */ ([]), version: [], portOpen: [] };
    for (let count = 0; count < starts; count += 1) {
      rows.node.push((await runProgram(process.execPath, ['-e', '0'], limitMs)).processMs);
      rows.version.push((await runProgram(process.execPath, [main, '--version'], limitMs)).processMs);
      rows.portOpen.push(await untilOpen(flash, bench.nest(1).portPath));
    }
    const figures = { nodeMs: spread(rows.node), versionMs: spread(rows.version), portOpenMs: spread(rows.portOpen) };
    printTable(
      'Start, ms from the start of the process',
      ['figure', 'median', 'min', 'max', 'of'],
      [
        line('node -e 0, to its end', figures.nodeMs),
        line('jigd --version, to its end', figures.versionMs),
        line('jigd flash with a job of 1 MiB, until the port is open', figures.portOpenMs),
      ],
    );
    return figures;
  } finally {
    await bench[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} name @param {ReturnType<typeof spread>} values */
function line(name, { median, min, max, count }) {
  return [name, median.toFixed(0), min.toFixed(0), max.toFixed(0), count];
}

/**
 * Starts a command and ends it as soon as it has opened the port: the nest is empty.
 * @param {readonly string[]} args
 * @param {string} port
 * @returns {Promise<number>} ms
 */
function untilOpen(args, port) {
  const startMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    let openMs = Number.NaN;
    const stop = watchPort(child.pid ?? 0, port, (atMs) => {
      openMs = atMs - startMs;
      child.kill('SIGKILL');
    });
    child.on('exit', (code) => {
      stop();
      if (Number.isNaN(openMs)) reject(new Error(`jigd flash ended with ${code} and opened no port.`));
      else resolve(openMs);
    });
  });
}
