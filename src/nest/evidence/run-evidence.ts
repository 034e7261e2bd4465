import type { FaultCode } from '../../foundation/faults.ts';
import type { ModuleIdentity, RegionDigest, RunPhase } from '../run/outcome.ts';

/** A phase as it was entered; it may come more than once. All times are ms from the start of the run. */
export interface PhaseSpan {
  readonly phase: RunPhase;
  readonly atMs: number;
  readonly ms: number;
}

/**
 * What came after a change of rate before the station had said anything, or from an application: the text of the ROM or
 * of the application. Lines that were said to the application are among the frames.
 */
export interface HeardText {
  /** Of its first byte. */
  readonly atMs: number;
  /** Of the station, baud. */
  readonly baud: number;
  readonly bytes: number;
  /** The first of them, one character a byte (ISO 8859-1). */
  readonly start: string;
  /** The last of them that are not in `start`; between the two, bytes may be missing. */
  readonly end: string;
}

/** A frame on the wire, with its delimiters and escapes, or bytes outside any frame. */
export interface TracedFrame {
  /** Of its first byte. */
  readonly atMs: number;
  readonly direction: 'sent' | 'heard';
  /** The name in the table of commands; null for anything else. */
  readonly command: string | null;
  /** The two status bytes of a whole answer, hexadecimal; null for anything else. */
  readonly status: string | null;
  readonly bytes: number;
  /** The first of them, hexadecimal: never more of the firmware than that. */
  readonly head: string;
}

/** What the station did beside sending. Active is driven low, or asserted for the lines of a port. */
export type LinkChange =
  | { readonly atMs: number; readonly kind: 'rate'; readonly baud: number }
  | { readonly atMs: number; readonly kind: 'line'; readonly line: TracedLine; readonly active: boolean };

export type TracedLine = 'rst' | 'gpio0' | 'dtr' | 'rts';

/** What passed between the station and a module: the last of it, bounded whatever the module does. */
export interface LinkRecord {
  readonly sentBytes: number;
  readonly heardBytes: number;
  readonly texts: readonly HeardText[];
  /** In their order. */
  readonly frames: readonly TracedFrame[];
  readonly changes: readonly LinkChange[];
}

/** What an engineer needs to understand a run that did not pass (production reference §7). */
export interface RunEvidence extends LinkRecord {
  readonly schema: 'jigd.evidence/1';
  /** As the run ended: a run whose result was saved late has S01 in its record. */
  readonly code: FaultCode;
  readonly detail: string;
  /** The phase it ended in. */
  readonly phase: RunPhase | null;
  readonly totalMs: number;
  readonly identity: Partial<ModuleIdentity>;
  readonly phases: readonly PhaseSpan[];
  /** Bytes heard that belonged to no frame, boot text apart; null when the port was never open. */
  readonly discardedBytes: number | null;
  readonly digestsExpected: readonly RegionDigest[];
  readonly digestsActual: readonly RegionDigest[];
  /** What was left out because it was too much to keep; null when nothing was. */
  readonly cut: string | null;
}
