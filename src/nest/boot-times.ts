const megabyte = 1024 * 1024;

/** A match at the very end may still grow, and its line may tell more: the rest of it is waited for this long, ms. */
export const growMs = 100;

/** For text that must not come, where the job says no limit, ms. */
export const watchMs = 10_000;

/**
 * How long the first start may take, ms, where the job says no limit: the firmware may format a file system, on large
 * parts for up to a minute (production reference §9).
 */
export function firstStartMs(flashBytes: number): number {
  const megabytes = Math.ceil(flashBytes / megabyte);
  return megabytes <= 1 ? 10_000 : Math.min(60_000, 15_000 * megabytes);
}
