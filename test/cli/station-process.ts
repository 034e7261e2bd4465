import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const program = join(import.meta.dirname, 'station-child.ts');

/** `jigd run` of one simulated nest, without a module, in a process of its own: see station-child.ts. */
export class StationProcess implements Disposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<unknown>;
  log = '';
  #seen = 0;
  #more: () => void = () => undefined;

  /** @param folder with the job in `jobs/bench-job.yaml`; the socket `control.sock` will be in it */
  constructor(folder: string) {
    this.child = spawn(process.execPath, ['--import', 'tsx', program, folder], {
      env: { ...process.env, NOTIFY_SOCKET: '' },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
        this.#more();
      });
    }
    this.ended = once(this.child, 'close');
  }

  static async listening(folder: string): Promise<StationProcess> {
    const station = new StationProcess(folder);
    await station.until('"event":"control-socket"');
    return station;
  }

  /** Resolves when it prints a text, after what was waited for before. */
  async until(text: string): Promise<void> {
    for (;;) {
      const at = this.log.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      const more = new Promise<'more'>((resolve) => (this.#more = () => resolve('more')));
      if ((await Promise.race([more, this.ended])) !== 'more') throw new Error(`It ended:\n${this.log}`);
    }
  }

  /** A finger on the button. */
  press(): void {
    this.child.stdin.write('press\n');
  }

  release(): void {
    this.child.stdin.write('release\n');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}
