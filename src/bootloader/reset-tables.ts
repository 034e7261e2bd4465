import type { Entry, ModemStep, Restart, WiredStep } from './reset-steps.ts';

// How long the module is held in reset, ms (protocol reference §1.4).
const resetMs = 100;

/** RST first, so that running firmware no longer drives GPIO0 when that goes low (protocol reference §1.5.1). */
export const wiredEntry: Entry<WiredStep> = {
  hold: [
    { line: 'rst', active: true, waitMs: 10 },
    { line: 'gpio0', active: true, waitMs: resetMs - 10 },
  ],
  latch: [{ line: 'rst', active: false, waitMs: 0 }],
  letGo: [
    { line: 'gpio0', active: false, waitMs: 0 },
    { line: 'rst', active: false, waitMs: 0 },
  ],
};

/** The straps are latched when RST is released. */
export const wiredRestart: Restart<WiredStep> = {
  pulse: [
    { line: 'gpio0', active: false, waitMs: 0 },
    { line: 'rst', active: true, waitMs: resetMs },
  ],
  letGo: [
    { line: 'gpio0', active: false, waitMs: 0 },
    { line: 'rst', active: false, waitMs: 0 },
  ],
};

/**
 * Both lines change in one call, so the reset ends in the moment in which GPIO0 goes low (protocol reference §1.5,
 * "tight"). Through two transistors the module stays in reset until then.
 */
const tightEntry: Entry<ModemStep> = {
  hold: [
    { dtr: false, rts: false, waitMs: 0 },
    { dtr: true, rts: true, waitMs: 0 },
    { dtr: false, rts: true, waitMs: resetMs },
  ],
  latch: [{ dtr: true, rts: false, waitMs: 0 }],
  letGo: [
    { dtr: false, rts: false, waitMs: 0 },
    // Some drivers act on DTR only when it is written once more.
    { dtr: false, rts: false, waitMs: 0 },
  ],
};

/**
 * One line at a time (protocol reference §1.5, "classic"): GPIO0 goes low before the reset ends where the lines reach
 * the module directly, and where an adapter moves them one after the other. Between transistors the capacitor of the
 * reset pin has to bridge the moment in which both lines are asserted.
 */
const classicEntry: Entry<ModemStep> = {
  hold: [
    { dtr: false, rts: false, waitMs: 0 },
    { dtr: false, rts: true, waitMs: resetMs },
  ],
  latch: [
    { dtr: true, rts: true, waitMs: 0 },
    { dtr: true, rts: false, waitMs: 0 },
  ],
  letGo: [{ dtr: false, rts: false, waitMs: 0 }],
};

/** DTR stays released throughout, so that GPIO0 is high when RTS lets go of the reset. */
export const modemRestart: Restart<ModemStep> = {
  pulse: [{ dtr: false, rts: true, waitMs: resetMs }],
  letGo: [{ dtr: false, rts: false, waitMs: 0 }],
};

/** How to enter at the n-th attempt: twice tight, then twice classic, and again. */
export function modemEntry(attempt: number): Entry<ModemStep> {
  return attempt % 4 < 2 ? tightEntry : classicEntry;
}

/**
 * How long GPIO0 is held low after the reset, ms, attempt by attempt. The long one covers a large capacitor at the
 * reset pin (protocol reference §1.4); with modem lines each of the two ways of entering gets both.
 */
export const entryHoldsMs = { lines: [100, 550, 100], modem: [100, 550, 100, 550] } as const;
