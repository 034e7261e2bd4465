import type { Pattern } from './lamp-patterns.ts';

/** Where a pattern is, for everybody who shows it. */
export interface Phase {
  readonly index: number;
  /** Until the next step, ms, above 0. */
  readonly leftMs: number;
}

/**
 * The step of a repeating pattern that belongs to a moment, so that nests which came to a state at different times
 * blink together: one eye takes in the jig as a whole.
 * @param nowMs the monotonic clock
 * @returns null when the pattern has no phase, because it does not repeat
 */
export function sharedPhase(pattern: Pattern<string>, nowMs: number): Phase | null {
  if (!pattern.repeat) return null;
  const periodMs = pattern.steps.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  let leftMs = nowMs % periodMs;
  for (const [index, { ms }] of pattern.steps.entries()) {
    if (leftMs < (ms ?? 0)) return { index, leftMs: (ms ?? 0) - leftMs };
    leftMs -= ms ?? 0;
  }
  return null;
}
