import { openHeaderChip } from './chardev-chip.ts';
import { lineInfoQuery, readHolder, requests } from './chardev-layout.ts';
import { loadKernelCalls } from './kernel-calls.ts';
import type { KernelCalls } from './kernel-calls.ts';

/**
 * Ends a sentence about a line that is in use: by whom, and how to get it back.
 * @param fd the open chip
 */
export function holderText(calls: KernelCalls, fd: number, bcm: number): string {
  const info = lineInfoQuery(bcm);
  try {
    calls.ioctl(fd, requests.lineInfo.number, info);
  } catch {
    return 'by somebody whom the kernel does not name';
  }
  const holder = readHolder(info) ?? '';
  if (holder === 'sysfs') {
    const advice = 'write its number to /sys/class/gpio/unexport, or restart the machine';
    return `through sysfs, by another program or one that was killed; ${advice}`;
  }
  if (holder === '') return 'by somebody who gave no name';
  return `by "${holder}"; stop that program or kernel driver, or take another line`;
}

/** Where the character device is looked for, and what speaks to it. */
export interface HolderParts {
  /** `/dev`, or a folder that poses as it. */
  readonly folder: string;
  readonly loadCalls: () => Promise<KernelCalls>;
}

/**
 * The same for who works through sysfs, which does not tell: the character device does, where it is there and may be
 * opened. Loads its native module only now.
 * @returns null when it cannot be told
 */
export async function findHolderText(bcm: number, parts: Partial<HolderParts> = {}): Promise<string | null> {
  try {
    const calls = await (parts.loadCalls ?? loadKernelCalls)();
    const chip = await openHeaderChip(calls, parts.folder ?? '/dev');
    try {
      return holderText(calls, chip.fd, bcm);
    } finally {
      calls.close(chip.fd);
    }
  } catch {
    return null;
  }
}
