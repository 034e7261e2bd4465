import { StationError } from '../../foundation/faults.ts';
import type { LineDriver } from '../../gpio/line.ts';

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

/** The signals that end the program, SIGTERM, SIGINT and SIGHUP, one after the other; listened for until disposed. */
export interface EndingSignals extends Disposable {
  /** Resolves with the name of the first, second … signal. */
  nth(count: 1 | 2 | 3): Promise<NodeJS.Signals>;
}

export function endingSignalsOf(source: NodeJS.EventEmitter = process): EndingSignals {
  const seen: NodeJS.Signals[] = [];
  const waiting: { readonly count: number; readonly resolve: (signal: NodeJS.Signals) => void }[] = [];
  const take = (signal: NodeJS.Signals): void => {
    seen.push(signal);
    for (const { count, resolve } of waiting) if (count === seen.length) resolve(signal);
  };
  for (const each of endingSignals) source.on(each, take);
  return {
    nth: (count) =>
      new Promise((resolve) => {
        const signal = seen[count - 1];
        if (signal === undefined) waiting.push({ count, resolve });
        else resolve(signal);
      }),
    [Symbol.dispose]: () => {
      for (const each of endingSignals) source.off(each, take);
    },
  };
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
