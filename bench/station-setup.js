import { resolveJob } from '../dist/firmware/resolve-job.js';
import { startStation } from '../dist/daemon.js';
import { silentLogger } from '../dist/foundation/logger.js';
import { systemClock } from '../dist/foundation/system-clock.js';
import { nodeSerialLinks } from '../dist/serial/node-serial-link.js';
import { buildDemoImage } from '../dist/simulator/demo/demo-image.js';

/** @typedef {{ id: number, port: string, baud: number, lines: any }} BenchNestSetup */

/**
 * A station without a broker on lines of the bench, with the 320 KiB image of the demo as its job.
 * @param {{ nests: readonly BenchNestSetup[], ledgerPath: string }} setup
 * @param {import('../src/gpio/line.ts').LineDriver} lines
 */
export function startBenchStation({ nests, ledgerPath }, lines) {
  return startStation(
    {
      station: { id: 'bench', line: null },
      simulated: true,
      software: 'bench',
      nests: nests.map((nest) => ({ stuckAfterMs: null, ...nest })),
      faultLamp: null,
      estop: null,
      ledgerPath,
      mqtt: null,
      loadJob: async () => demoJob(),
      approved: null,
    },
    { lines, openLink: nodeSerialLinks(systemClock), clock: systemClock, log: silentLogger() },
  );
}

function demoJob() {
  const bytes = buildDemoImage();
  const definition = {
    name: 'bench',
    product: 'bench',
    release: null,
    chip: 'esp8266',
    flash: { size: 'detect', mode: /** @type {const} */ ('keep'), frequency: /** @type {const} */ ('keep') },
    images: [{ source: { file: 'bench.bin' }, at: 0, sha256: null }],
    erase: /** @type {const} */ ('sectors'),
    skip: /** @type {const} */ ('none'),
    boot: /** @type {const} */ ('header'),
    policy: /** @type {const} */ ({ reflash: 'allow', attempts: 2, flashIds: null, variant: 'any' }),
  };
  return resolveJob(definition, '.', { read: () => ({ bytes, stamp: 'made' }), stamp: () => 'made' });
}

/** @param {import('../src/simulator/bench/bench-nest.ts').BenchNest} nest @returns {BenchNestSetup} */
export function nestSetup({ number, portPath, lines }) {
  return { id: number, port: portPath, baud: 921_600, lines };
}
