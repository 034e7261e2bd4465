import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../../../src/foundation/system-clock.ts';

/** When a life ends: so long after something that the station has said for the so-manieth time. */
export interface Death {
  /** Empty: the start of the process. */
  readonly after: string;
  readonly count: number;
  readonly delayMs: number;
  readonly signal: 'SIGKILL' | 'SIGTERM';
}

/** A station that waits for nobody is wrong by then. */
const lifeLimitMs = 60_000;

/** One life of the station, from its start to its death. @returns what it said, line by line */
export async function liveOnce(
  program: string,
  args: readonly string[],
  { after, count, delayMs, signal }: Death,
  folder: string,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  const cancels: (() => void)[] = [systemClock.after(lifeLimitMs, () => child.kill('SIGKILL'))];
  const die = (): void => void cancels.push(systemClock.after(delayMs, () => child.kill(signal)));
  let text = '';
  let seen = 0;
  if (after === '') die();
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    const lines = (text + part).split('\n').slice(text.split('\n').length - 1, -1);
    text += part;
    for (const line of lines) if (after !== '' && line.includes(after) && (seen += 1) === count) die();
  });
  await once(child, 'close');
  for (const cancel of cancels) cancel();
  if (signal === 'SIGKILL' && child.signalCode !== 'SIGKILL') {
    throw new Error(`The station ended by itself (${child.exitCode}):\n${text.slice(-2_000)}`);
  }
  return text.split('\n').slice(0, -1);
}
