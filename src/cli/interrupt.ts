import { StationError } from '../foundation/faults.ts';

/** Runs work that Ctrl-C and SIGTERM abort in order: lines are released and the module is left as it should be. */
export async function abortable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController();
  const stop = (): void => {
    control.abort(new StationError('O01', 'The run was stopped at the terminal.'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(control.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
