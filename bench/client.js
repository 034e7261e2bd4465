import { fork } from 'node:child_process';

/**
 * Runs a script of this folder in a process of its own, so that the simulator does not share a thread with it, and
 * hands over what the script sends.
 * @template Result
 * @param {string} script
 * @param {object} options passed to the script as JSON
 * @param {(message: any, child: import('node:child_process').ChildProcess) => Result | undefined} onMessage a value
 *   other than undefined is the result
 * @param {number} limitMs
 * @returns {Promise<{ result: Result, processMs: number }>} the time from the start of the process to its end
 */
export function runClient(script, options, onMessage, limitMs) {
  const startMs = performance.now();
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(options)], { execArgv: [] });
  return new Promise((resolve, reject) => {
    /** @type {Result | undefined} */
    let result;
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${script} did not end within ${limitMs} ms.`));
    }, limitMs);
    child.on('message', (message) => {
      result = onMessage(message, child) ?? result;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(limit);
      const processMs = performance.now() - startMs;
      if (result !== undefined && code === 0) resolve({ result, processMs });
      else reject(new Error(`${script} ended with ${code} and without a result.`));
    });
  });
}

/** @returns {any} what `runClient` was given, inside the script */
export function clientOptions() {
  return JSON.parse(process.argv[2] ?? '{}');
}

/** @param {object} message to the bench */
export function tellBench(message) {
  process.send?.(message);
}
