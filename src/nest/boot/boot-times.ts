import type { BootCheck } from '../../firmware/job.ts';

const megabyte = 1024 * 1024;

/** How long text that must not come is waited for behind what was expected: until it is quiet, in any case not longer, ms. */
export const afterwards = { quietMs: 200, atMostMs: 1_000 } as const;

/** A line that does not go on for so long has ended, ms: an adapter hands on late what it has, and slow lines are slow. */
export function settleMs(baud: number): number {
  return Math.max(100, (settleBytes * 10_000) / baud);
}
const settleBytes = 30;

// For text that must not come, where the job says no limit: the module has said by then how it is.
const watchMs = 10_000;

/** How long the text of the application is listened to at most, from the release of RST, ms. */
export function bootLimitMs({ withinMs, expect }: Pick<BootCheck, 'withinMs' | 'expect'>, flashBytes: number): number {
  return withinMs ?? (expect === null ? watchMs : firstStartMs(flashBytes));
}

/**
 * How long the first start may take, ms, where the job says no limit: the firmware may format a file system, on large
 * parts for up to a minute (production reference §9).
 */
function firstStartMs(flashBytes: number): number {
  const megabytes = Math.ceil(flashBytes / megabyte);
  return megabytes <= 1 ? 10_000 : Math.min(60_000, 15_000 * megabytes);
}
