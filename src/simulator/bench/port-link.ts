import { existsSync, lstatSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { StationError } from '../../foundation/faults.ts';

/**
 * Makes a symbolic link to a pseudo-terminal; one that leads nowhere any more is replaced.
 * @throws StationError S04 when the link cannot be made, or leads to another pseudo-terminal that is there
 */
export function replaceLink(link: string, target: string): void {
  try {
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      const before = readlinkSync(link);
      // A link that was left behind may name the number that this terminal has just been given.
      if (before !== target && before.startsWith('/dev/pts/') && existsSync(before)) {
        const advice = `if it is not, remove the link to ${before}`;
        throw new StationError('S04', `${link} is in use by another simulated module; ${advice}.`, {
          action: 'Take another link, or end the other program.',
        });
      }
      unlinkSync(link);
    }
    symlinkSync(target, link);
  } catch (error) {
    if (error instanceof StationError) throw error;
    throw new StationError('S04', `The link ${link} cannot be made: ${linkProblem(error)}.`, {
      cause: error,
      action: 'Take a link in a folder that is there and that this user may write to.',
    });
  }
}

function linkProblem(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'the folder does not exist';
  if (code === 'ENOTDIR') return 'its folder is no folder';
  if (code === 'EEXIST') return 'there is a file or a folder of this name';
  if (code === 'EACCES' || code === 'EPERM') return 'writing into the folder is not permitted';
  return String(code ?? error);
}

/** Takes the link away. Leaves it alone when somebody else has taken the name over in the meantime. */
export function removeLink(link: string, target: string): void {
  try {
    if (readlinkSync(link) === target) unlinkSync(link);
  } catch {
    // Somebody else has removed it already.
  }
}
