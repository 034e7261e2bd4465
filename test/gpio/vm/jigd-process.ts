import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/foundation/system-clock.ts';
import { until } from './waiting.ts';

/** The program, compiled beside this one. */
const program = join(import.meta.dirname, '../../../src/main.js');
/** An emulated processor needs some seconds to load it. */
const readyLimitMs = 60_000;
const endLimitMs = 60_000;
const nobody = '65534';

/** How a command ended, as its user sees it. */
export interface CommandEnd {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly out: string[];
  readonly err: string[];
  readonly closed: Promise<number | null>;
}

/** Runs a command of the program to its end. @param user nobody: one without any rights */
export async function jigd(args: readonly string[], user: 'root' | 'nobody' = 'root'): Promise<CommandEnd> {
  const { child, out, err, closed } = start(args, user);
  const cancel = systemClock.after(endLimitMs, () => child.kill('SIGKILL'));
  const code = await closed;
  cancel();
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A record of the log. */
export type LogRecord = Readonly<Record<string, unknown>> & { readonly event?: string };

/** The daemon as a process of its own. */
export class Daemon implements AsyncDisposable {
  readonly #started: Started;
  #ended: { readonly code: number | null } | null = null;

  /** Resolves when it says that it is ready. */
  static async start(config: string): Promise<Daemon> {
    const daemon = new Daemon(start(['run', '--config', config], 'root'));
    await daemon.#readyOrEnded();
    return daemon;
  }

  private constructor(started: Started) {
    this.#started = started;
    void started.closed.then((code) => (this.#ended = { code }));
  }

  kill(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#started.child.kill(signal);
  }

  /** @returns the exit code; null when it was killed */
  async ended(): Promise<number | null> {
    await until(() => this.#ended !== null, 'the station ends', endLimitMs);
    return this.#ended!.code;
  }

  /** The first record of this event. */
  logged(event: string): LogRecord | undefined {
    const records = this.#started.err.filter((line) => line.startsWith('{'));
    return records.map((line) => JSON.parse(line) as LogRecord).find((record) => record.event === event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#started.closed;
  }

  async #readyOrEnded(): Promise<void> {
    const isReady = (): boolean => this.logged('station-ready') !== undefined;
    await until(() => isReady() || this.#ended !== null, 'the station is ready', readyLimitMs);
    if (!isReady()) throw new Error(`The station does not start: ${this.#started.err.join('\n')}`);
  }
}

function start(args: readonly string[], user: 'root' | 'nobody'): Started {
  const command = [process.execPath, program, ...args];
  const [file = '', ...rest] =
    user === 'root' ? command : ['setpriv', '--reuid', nobody, '--regid', nobody, '--clear-groups', ...command];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: string[] = [];
  const err: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => out.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => err.push(line));
  const closed = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  return { child, out, err, closed };
}
