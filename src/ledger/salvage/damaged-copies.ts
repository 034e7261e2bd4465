import { existsSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How many damaged ledgers are kept beside the sound one. */
const keptCopies = 3;
/** The log first: beside a database that takes the place of this one it would be taken for its own. */
const parts = ['-wal', '-shm', ''] as const;

/**
 * Renames a damaged database and what belongs to it; nothing of it is ever changed. Of earlier ones the oldest goes when
 * there would be more than three.
 * @param at wall-clock ms, for the name
 * @returns the new name; null when there was nothing
 */
export function moveAside(path: string, at: number): string | null {
  const found = parts.filter((part) => existsSync(path + part));
  if (found.length === 0) return null;
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  // Behind those of the same second, also when the first of them has gone.
  const same = damagedCopies(path)
    .map(ageOf)
    .filter(([time]) => time === stamp);
  const copy = Math.max(0, ...same.map(([, number]) => number)) + 1;
  const target = `${path}.damaged-${stamp}${copy === 1 ? '' : `-${copy}`}`;
  for (const part of found) renameSync(path + part, target + part);
  dropOldest(path, target);
  return target;
}

/** The damaged copies of a ledger by their names without `-wal`, the oldest first. */
export function damagedCopies(path: string): string[] {
  const prefix = `${basename(path)}.damaged-`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  const copies = new Set(names.map((name) => name.replace(/-(?:wal|shm)$/, '')));
  return [...copies].toSorted(byAge).map((name) => join(dirname(path), name));
}

/** @param newest the one that was made last, also where a clock that was wrong makes its name the oldest */
function dropOldest(path: string, newest: string): void {
  const others = damagedCopies(path).filter((copy) => copy !== newest);
  for (const copy of others.slice(0, Math.max(0, others.length + 1 - keptCopies))) {
    for (const part of parts) {
      try {
        // A folder that took the place of a ledger may hold what somebody misses: only an empty one goes.
        if (statSync(copy + part, { throwIfNoEntry: false })?.isDirectory() === true) rmdirSync(copy + part);
        else rmSync(copy + part, { force: true });
      } catch {
        // One copy too many is no reason not to start.
      }
    }
  }
}

/** By the time in the name, and by the number behind it. */
function byAge(one: string, other: string): number {
  const [[time, copy], [otherTime, otherCopy]] = [ageOf(one), ageOf(other)];
  return time === otherTime ? copy - otherCopy : time < otherTime ? -1 : 1;
}

function ageOf(name: string): readonly [string, number] {
  const [, time = '', copy = '1'] = /\.damaged-(\w+?)(?:-(\d+))?$/.exec(name) ?? [];
  return [time, Number(copy)];
}
