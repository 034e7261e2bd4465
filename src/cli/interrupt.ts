import { StationError } from '../foundation/faults.ts';
import type { LineDriver } from '../gpio/line.ts';

const endingSignals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** Runs work that Ctrl-C, SIGTERM and a closed terminal abort in order: lines are released and the module is left as it should be. */
export async function abortable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController();
  const stop = (): void => {
    control.abort(new StationError('O01', 'The run was stopped at the terminal.'));
  };
  for (const each of endingSignals) process.on(each, stop);
  try {
    return await work(control.signal);
  } finally {
    for (const each of endingSignals) process.off(each, stop);
  }
}

/** Resolves with the name of the signal that ends the program: SIGTERM, SIGINT or SIGHUP. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const each of endingSignals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of endingSignals) process.on(each, stop);
  });
}

/** Calls back once for the first error that nobody caught, in place of Node's own end of the process. */
export function onCrash(handle: (error: unknown) => void): Disposable {
  let told = false;
  const take = (error: unknown): void => {
    if (told) return;
    told = true;
    handle(error);
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
  return {
    [Symbol.dispose]: () => {
      process.off('uncaughtException', take);
      process.off('unhandledRejection', take);
    },
  };
}

/** Lets go of the lines also when the process ends without an orderly stop, but not when it is killed. */
export function releasedAtExit(lines: LineDriver): LineDriver {
  process.once('exit', () => {
    // An exit waits for nobody: the driver has let go of its lines when it returns.
    void lines[Symbol.asyncDispose]();
  });
  return lines;
}
