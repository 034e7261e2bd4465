import { readFileSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

/** The files of a job, as far as it needs them. Errors are those of the file system. */
export interface JobFiles {
  /** The bytes, and the stamp that the file had before they were read. */
  read(path: string): { readonly bytes: Uint8Array; readonly stamp: FileStamp };
  stamp(path: string): FileStamp;
}

/** Size, time of the last change and inode of a file, as one text to compare. */
export type FileStamp = string;

/** The files on the disk. A run waits for them: they are small, and a start must not slip in between. */
export const diskFiles: JobFiles = {
  read: (path) => {
    // The stamp first: it refuses what is no file, where opening could wait for ever, and a change after it is seen.
    const stamp = diskFiles.stamp(path);
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    return { bytes: new Uint8Array(buffer, byteOffset, byteLength), stamp };
  },
  stamp: (path) => stampOf(statSync(path, { bigint: true })),
};

function stampOf(stats: BigIntStats): FileStamp {
  if (!stats.isFile()) throw new Error('it is not an ordinary file');
  return `${stats.size} ${stats.mtimeNs} ${stats.ino}`;
}
