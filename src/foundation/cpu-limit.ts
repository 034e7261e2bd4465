import { createContext, Script } from 'node:vm';
import type { Context } from 'node:vm';

interface Guard {
  readonly script: Script;
  readonly context: Context;
}

let made: Guard | null = null;

/** Work was stopped because it had the processor for too long. */
export class CpuLimitError extends Error {
  override readonly name = 'CpuLimitError';
}

/**
 * Does work that might never end, such as a search with a regular expression that somebody has written: nothing else,
 * no timer and no signal, could stop it. Costs about 0.1 ms.
 * @param limitMs real time, since it is the machine that is kept busy
 * @throws CpuLimitError when it takes longer; what the work throws
 */
export function withinCpu<T>(limitMs: number, work: () => T): T {
  made ??= { script: new Script('work()'), context: createContext({ work: null }) };
  const done: { result?: T } = {};
  made.context['work'] = (): void => {
    done.result = work();
  };
  try {
    made.script.runInContext(made.context, { timeout: limitMs });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new CpuLimitError(`It was stopped after ${limitMs} ms.`, { cause: error });
  }
  return done.result as T;
}

/** It is an error of the context, and so no instance of this program's `Error`. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
