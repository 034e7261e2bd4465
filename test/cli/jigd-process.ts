import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The program as people start it: compiled, in a process of its own. `npm test` compiles it first. */
export class JigdProcess implements Disposable {
  readonly child: ChildProcessWithoutNullStreams;
  out = '';
  err = '';
  readonly #looks = new Set<() => void>();
  readonly #ended: Promise<number | null>;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [join(root, 'dist/main.js'), ...args], { cwd: root });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      this.#look();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      this.#look();
    });
    this.#ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Resolves when its output has come to the wanted text. @throws Error when it ends before */
  async until(condition: (jigd: JigdProcess) => boolean): Promise<void> {
    let look = (): void => undefined;
    const seen = new Promise<'seen'>((resolve) => {
      look = () => {
        if (condition(this)) resolve('seen');
      };
      this.#looks.add(look);
      look();
    });
    const first = await Promise.race([seen, this.#ended]);
    this.#looks.delete(look);
    if (first !== 'seen' && !condition(this))
      throw new Error(`It ended with ${String(first)}:\n${this.out}${this.err}`);
  }

  /** The exit code. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }
}

/** Runs a command to its end. */
export async function jigd(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  using running = new JigdProcess(...args);
  const code = await running.ended();
  return { code, out: running.out, err: running.err };
}
