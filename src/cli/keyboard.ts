import { Socket } from 'node:net';

/**
 * Takes keys from standard input until `q`, Ctrl-C or the signal: a digit calls back with its number. On a terminal
 * each key counts at once; from a pipe they arrive in lines.
 */
export function untilQuit(onDigit: (digit: number) => void, signal: AbortSignal): Promise<void> {
  const { stdin } = process;
  return new Promise((resolve) => {
    const end = (): void => {
      stdin.off('data', take);
      signal.removeEventListener('abort', end);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      // A paused socket would still keep the process alive; a file has no `unref`.
      if (stdin instanceof Socket) stdin.unref();
      resolve();
    };
    const take = (chunk: Buffer): void => {
      for (const key of chunk.toString('latin1')) {
        if (key === 'q' || key === '\u0003') {
          end();
          return;
        }
        if (key >= '1' && key <= '9') onDigit(Number(key));
      }
    };
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', end, { once: true });
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', take);
    if (stdin instanceof Socket) stdin.ref();
    stdin.resume();
  });
}
