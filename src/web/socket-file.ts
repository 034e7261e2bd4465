import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Clock } from '../foundation/clock.ts';
import { Refusal } from '../foundation/refusal.ts';

/** A process that lives answers at once. */
const answerLimitMs = 1_000;

/**
 * Removes the socket that a killed process has left behind.
 * @throws Refusal when a process listens there, or when it is no socket; else what the system throws
 */
export async function clearSocket(path: string, clock: Clock): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw new Refusal(`${path} is there and is no socket.`, 'Take another `control.socket`.');
  if (await answers(path, clock)) {
    throw new Refusal(`Another process listens at ${path}.`, 'Give each station a `control.socket` of its own.');
  }
  unlinkSync(path);
}

/** What keeps a socket from being made, with what to do. */
export function socketFault(path: string, error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { code } = error as NodeJS.ErrnoException;
  const problem = new Map([
    ['ENOENT', 'its folder does not exist'],
    ['EACCES', 'this user may not write to its folder'],
    ['EROFS', 'its folder is read-only'],
    ['EINVAL', 'the path is too long for a socket'],
  ]).get(code ?? '');
  return new Refusal(
    `The socket ${path} cannot be made: ${problem ?? String(code ?? error)}.`,
    'The unit makes /run/jigd with RuntimeDirectory=jigd; elsewhere set `control.socket`. Commands such as `jigd unlock` do not work until then.',
  );
}

/** Whether somebody takes a connection. One that hangs is alive. @throws what the system says but "nobody listens" */
function answers(path: string, clock: Clock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const end = (act: () => void): void => {
      cancel();
      socket.destroy();
      act();
    };
    const cancel = clock.after(answerLimitMs, () => end(() => resolve(true)));
    socket.once('connect', () => end(() => resolve(true)));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(() => (error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? resolve(false) : reject(error))),
    );
  });
}
