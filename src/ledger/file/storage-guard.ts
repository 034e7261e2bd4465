import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { StationError } from '../../foundation/faults.ts';

/** Kept back so that what is under way can be saved on a full disk; also what must be free for a start. */
export const ballastBytes = 16 * 1024 * 1024;
const warnBelowBytes = 500_000_000;
const warnBelowShare = 0.05;
/** A warning ends at so many times its limit: it must not swing with each file that comes and goes. */
const warnUntilTimes = 1.25;
const chunkBytes = 1024 * 1024;

export interface DiskSpace {
  /** For a program without special rights. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/**
 * Watches over the room on the disk of a ledger. A full SQLite file cannot make room inside itself, so a file of ballast
 * lies beside it, to be thrown off (reliability reference §2.2).
 */
export class StorageGuard {
  readonly #ballast: string;
  readonly #onWarning: (warning: string | null) => void;
  readonly #spaceOf: (folder: string) => DiskSpace | null;
  #warns = false;

  /** @param onWarning is told before each start what to warn of; null: there is room */
  constructor(
    ledgerPath: string,
    onWarning: (warning: string | null) => void,
    spaceOf: (folder: string) => DiskSpace | null = diskSpace,
  ) {
    this.#ballast = `${ledgerPath}.ballast`;
    this.#onWarning = onWarning;
    this.#spaceOf = spaceOf;
  }

  /** Before a run, and once at the start. @throws StationError S02 when the ballast and as much again have no room */
  assertRoom(): void {
    const space = this.#spaceOf(dirname(this.#ballast));
    if (space !== null) this.#warn(space);
    const kept = statSync(this.#ballast, { throwIfNoEntry: false })?.size === ballastBytes;
    const needed = kept ? ballastBytes : 2 * ballastBytes;
    if (space !== null && space.freeBytes < needed) throw tooFull(space.freeBytes);
    if (!kept && !this.#takeOn()) throw tooFull(space?.freeBytes ?? 0);
  }

  /** Does work; when the disk is too full for it, once more without the ballast. @throws what the work throws */
  async makeRoomFor<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'S02' || !this.giveWay()) throw error;
      return work();
    }
  }

  /** Makes room by throwing the ballast off. False when there was none. */
  giveWay(): boolean {
    try {
      rmSync(this.#ballast);
      return true;
    } catch {
      return false;
    }
  }

  #warn(space: DiskSpace): void {
    this.#warns = isScarce(space, this.#warns ? warnUntilTimes : 1);
    this.#onWarning(this.#warns ? warningOf(space) : null);
  }

  /** Not sparse, and nothing that a file system could make smaller. */
  #takeOn(): boolean {
    const chunk = randomBytes(chunkBytes);
    try {
      const file = openSync(this.#ballast, 'w', 0o600);
      try {
        for (let at = 0; at < ballastBytes; at += writeSync(file, chunk, 0, Math.min(chunkBytes, ballastBytes - at)));
      } finally {
        closeSync(file);
      }
      return true;
    } catch {
      this.giveWay();
      return false;
    }
  }
}

/** The room on the disk of a folder; null where that cannot be told. */
export function diskSpace(folder: string): DiskSpace | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}

/** @param times of the limits */
function isScarce(space: DiskSpace, times: number): boolean {
  return space.freeBytes < times * warnBelowBytes || shareOf(space) < times * warnBelowShare;
}

function warningOf(space: DiskSpace): string {
  return `The disk of the ledger has ${megabytes(space.freeBytes)} free, ${Math.floor(shareOf(space) * 100)} % of it.`;
}

function shareOf({ freeBytes, totalBytes }: DiskSpace): number {
  return totalBytes === 0 ? 1 : freeBytes / totalBytes;
}

function tooFull(freeBytes: number): StationError {
  return new StationError(
    'S02',
    `The disk of the ledger is full: ${megabytes(freeBytes)} free, ${megabytes(ballastBytes)} are needed for a start.`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000)} MB`;
}
