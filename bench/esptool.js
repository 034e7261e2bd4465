import { spawnSync } from 'node:child_process';

/** How the two generations of the command line spell the same things. */
const spellings = {
  4: { reset: 'no_reset', write: 'write_flash', keep: ['--flash_mode', '--flash_freq', '--flash_size'] },
  5: { reset: 'no-reset', write: 'write-flash', keep: ['--flash-mode', '--flash-freq', '--flash-size'] },
};

/** @typedef {{ program: string, version: string, generation: 4 | 5 }} Esptool */

/** The esptool on the PATH. @returns {Esptool | null} */
export function findEsptool() {
  for (const program of ['esptool', 'esptool.py']) {
    const { status, stdout } = spawnSync(program, ['version'], { encoding: 'utf8', timeout: 20_000 });
    const found = status === 0 ? /(\d+)\.\d+(?:\.\w+)*/.exec(stdout) : null;
    if (found !== null) return { program, version: found[0], generation: Number(found[1]) >= 5 ? 5 : 4 };
  }
  return null;
}

/**
 * Compressed write of an image at 0 with the MD5 of the flash compared, to a module that waits in its ROM loader: a
 * pseudo-terminal has no DTR and RTS.
 * @param {Esptool} esptool
 * @param {{ port: string, baud: number, image: string }} work
 */
export function esptoolArguments({ generation }, { port, baud, image }) {
  const { reset, write, keep } = spellings[generation];
  const link = ['--chip', 'esp8266', '--port', port, '--baud', String(baud), '--before', reset, '--after', reset];
  return [...link, write, ...keep.flatMap((option) => [option, 'keep']), '0x0', image];
}

/**
 * @param {string} out what it printed
 * @param {number} processMs
 * @param {number} baud
 */
export function esptoolResult(out, processMs, baud) {
  const write = /Wrote .* in ([\d.]+) seconds/.exec(out)?.[1];
  if (write === undefined || !/Hash of data verified/i.test(out)) throw new Error(`esptool did not verify:\n${out}`);
  return { totalMs: processMs, phaseMs: { write: Number(write) * 1000 }, baud, retries: 0 };
}
