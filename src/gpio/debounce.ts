import type { Clock } from '../foundation/clock.ts';
import type { InputLine } from './line.ts';

/** A contact that is not steady after so many windows counts as it is: it may chatter for ever. */
const windowsAtMost = 5;

export interface WatchedContact extends Disposable {
  /** The level when the watch began; every change since is told. */
  readonly active: boolean;
}

/**
 * Watches a contact that bounces. The first edge opens a window; at its end the level counts if it has been steady for
 * half a window, else a little later, so that two glitches are no press. It is told only when it differs from the one
 * told before. A contact that chatters for ever neither blocks nor floods. Where the kernel debounces, every change it
 * reports counts, also one that was read late.
 *
 * @param windowMs 5 … 1000; how long a contact may bounce
 * @param onChange is told the new level, true when active
 * @param onFault is told when the line cannot be read any more
 * @throws StationError S03 when the line cannot be read now
 */
export function watchDebounced(
  line: InputLine,
  clock: Clock,
  windowMs: number,
  onChange: (active: boolean) => void,
  onFault: (error: unknown) => void,
): WatchedContact {
  let stable = false;
  let cancel: (() => void) | null = null;
  let firstEdgeMs = 0;
  let lastEdgeMs = 0;
  const change = (level: boolean): void => {
    if (level === stable) return;
    stable = level;
    onChange(level);
  };
  const settle = (): void => {
    cancel = null;
    const nowMs = clock.monotonic();
    const steadyMs = nowMs - lastEdgeMs;
    if (steadyMs < windowMs / 2 && nowMs - firstEdgeMs < windowsAtMost * windowMs) {
      cancel = clock.after(windowMs / 2 - steadyMs, settle);
      return;
    }
    let level: boolean;
    try {
      level = line.read();
    } catch (error) {
      onFault(error);
      return;
    }
    change(level);
  };
  const watch = line.watch((active) => {
    if (line.debounced === true) {
      change(active);
      return;
    }
    lastEdgeMs = clock.monotonic();
    if (cancel !== null) return;
    firstEdgeMs = lastEdgeMs;
    cancel = clock.after(windowMs, settle);
  }, onFault);
  // After the watch has begun: an edge between the two would never be told, and what follows it would be no change.
  try {
    stable = line.read();
  } catch (error) {
    watch[Symbol.dispose]();
    throw error;
  }
  const active = stable;
  return {
    active,
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
      cancel?.();
      cancel = null;
    },
  };
}
