import { fork, spawn } from 'node:child_process';

/** When a process was started and when it had ended, ms of `performance.now()`. @typedef {{ startMs: number, endMs: number }} Span */

/**
 * Runs a script of this folder in a process of its own, so that the simulator does not share a thread with it, and
 * hands over what the script sends.
 * @template Result
 * @param {string} script
 * @param {object} options passed to the script as JSON
 * @param {(message: any, child: import('node:child_process').ChildProcess) => Result | undefined} onMessage a value
 *   other than undefined is the result
 * @param {number} limitMs
 * @param {(pid: number) => void} [onStart]
 * @returns {Promise<{ result: Result, processMs: number } & Span>} the time from the start of the process to its end
 */
export async function runClient(script, options, onMessage, limitMs, onStart) {
  const startMs = performance.now();
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(options)], { execArgv: [] });
  if (child.pid !== undefined) onStart?.(child.pid);
  /** @type {Result | undefined} */
  let result;
  child.on('message', (message) => {
    result = onMessage(message, child) ?? result;
  });
  const code = await exitOf(child, script, limitMs);
  const endMs = performance.now();
  // Its last messages may come after its end.
  if (child.connected) await new Promise((resolve) => child.once('disconnect', resolve));
  if (result === undefined || code !== 0) throw new Error(`${script} ended with ${code} and without a result.`);
  return { result, processMs: endMs - startMs, startMs, endMs };
}

/**
 * Runs a program and collects what it prints.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} limitMs
 * @param {(pid: number) => void} [onStart]
 * @returns {Promise<{ code: number | null, out: string, err: string, processMs: number } & Span>}
 */
export async function runProgram(program, args, limitMs, onStart) {
  const startMs = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) onStart?.(child.pid);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const closed = new Promise((resolve) => child.on('close', resolve));
  const code = await exitOf(child, program, limitMs);
  const endMs = performance.now();
  await closed;
  return { code, out, err, processMs: endMs - startMs, startMs, endMs };
}

/** @param {import('node:child_process').ChildProcess} child @param {string} name @param {number} limitMs */
function exitOf(child, name, limitMs) {
  return new Promise((/** @type {(code: number | null) => void} */ resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${name} did not end within ${limitMs} ms.`));
    }, limitMs);
    child.on('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.on('exit', (code) => {
      clearTimeout(limit);
      resolve(code);
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
