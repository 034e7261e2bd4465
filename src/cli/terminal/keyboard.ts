import { Socket } from 'node:net';

const ctrlC = '\u0003';
const escape = '\u001b';

/**
 * Takes keys from standard input until `q`, Ctrl-C or the signal, and calls back with each other one. On a terminal each
 * key counts at once; from a pipe they arrive in lines. A key that sends several characters, such as an arrow, is none.
 */
export function untilQuit(onKey: (key: string) => void, signal: AbortSignal): Promise<void> {
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
      const { keys, quit } = keysIn(chunk.toString('latin1'));
      for (const key of keys) onKey(key);
      if (quit) end();
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

/** The keys in what a terminal sends, up to the one that quits or the first that sends several characters. */
export function keysIn(text: string): { readonly keys: readonly string[]; readonly quit: boolean } {
  const keys: string[] = [];
  for (const key of text) {
    if (key === 'q' || key === ctrlC) return { keys, quit: true };
    // After it come letters that nobody typed.
    if (key === escape) return { keys, quit: text.includes(ctrlC) };
    keys.push(key);
  }
  return { keys, quit: false };
}
