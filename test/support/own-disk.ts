import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../ledger/runs.ts';

const isRoot = process.getuid?.() === 0;

/** A file system of its own, in memory. */
export function mountedDisk(folder: string, megabytes: number): Disposable & { file(name: string): string } {
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  return {
    file: (name) => join(folder, name),
    [Symbol.dispose]: () => void execFileSync('umount', ['-l', folder]),
  };
}

/** Whether this process may mount file systems. */
export function canMount(): boolean {
  if (!isRoot) return false;
  using folder = temporaryFolder();
  try {
    using _disk = mountedDisk(folder.file('disk'), 1);
    return true;
  } catch {
    return false;
  }
}

/** Leaves no room on the disk of a file. */
export function fillDisk(file: string): void {
  for (const bytes of [1024 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes, 1), { flag: 'a' });
    } catch {
      // Full, to this size of a piece.
    }
  }
}
