import type { OutputLine } from '../gpio/line.ts';
import type { SerialLink } from '../serial/serial-link.ts';

/** A module whose RST and GPIO0 are lines of the station. Active means driven low. */
export interface WiredReset {
  readonly kind: 'lines';
  readonly rst: OutputLine;
  readonly gpio0: OutputLine;
}

/** A board on which DTR and RTS of its port work GPIO0 and RST, with or without transistors between them. */
export interface ModemReset {
  readonly kind: 'modem';
  /** Asked before each step: while false both lines stay released. Left out: they may always be driven. */
  readonly mayDrive?: () => boolean;
}

/** The ways in which a module can be reset. */
export type Resettable = WiredReset | ModemReset;

/** How the module can be reset: by the nest's own lines, by the modem lines of its port, or not at all. */
export type ModuleReset = Resettable | { readonly kind: 'none' };

/** Narrows to a module that can be reset. */
export function isResettable(reset: ModuleReset): reset is Resettable {
  return reset.kind !== 'none';
}

/** Drives or releases one line, then waits. */
export interface WiredStep {
  readonly line: 'rst' | 'gpio0';
  readonly active: boolean;
  readonly waitMs: number;
}

/** Sets both modem lines at once, then waits. True is "asserted": 0 V on the pin. */
export interface ModemStep {
  readonly dtr: boolean;
  readonly rts: boolean;
  readonly waitMs: number;
}

/** The way into flash mode. */
export interface Entry<Step> {
  /** Ends with the module in reset. The ROM's rate is set on the link after it. */
  readonly hold: readonly Step[];
  /** Ends with the reset released and GPIO0 low, which it stays for as long as the caller listens. */
  readonly latch: readonly Step[];
  /** Ends with everything released. */
  readonly letGo: readonly Step[];
}

/** The way into the application. */
export interface Restart<Step> {
  readonly pulse: readonly Step[];
  readonly letGo: readonly Step[];
}

/** A step together with what carries it out. */
export interface BoundStep {
  readonly waitMs: number;
  readonly act: () => Promise<void> | void;
}

/** Steps for the lines of a module. `act` throws StationError S03 when a line cannot be driven. */
export function onLines(reset: WiredReset, steps: readonly WiredStep[]): readonly BoundStep[] {
  return steps.map(({ line, active, waitMs }) => ({
    waitMs,
    act: () => reset[line].set(active),
  }));
}

const releasedModem = { dtr: false, rts: false } as const;

/** Steps for the modem lines of a port. `act` throws StationError S04 when it has none, or has gone. */
export function onModem(
  { mayDrive = () => true }: ModemReset,
  link: SerialLink,
  steps: readonly ModemStep[],
): readonly BoundStep[] {
  return steps.map(({ dtr, rts, waitMs }) => ({
    waitMs,
    act: () => link.setModemLines(mayDrive() ? { dtr, rts } : releasedModem),
  }));
}
