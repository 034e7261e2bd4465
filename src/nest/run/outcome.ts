import type { FaultCode } from '../../foundation/faults.ts';
import type { RunEvidence } from '../evidence/run-evidence.ts';

/** The phases of a run in their usual order: verifying may come before writing, and both may come twice. */
export const runPhases = ['connect', 'identify', 'loader', 'erase', 'write', 'verify', 'boot'] as const;
export type RunPhase = (typeof runPhases)[number];

export type RunOutcome = 'PASS' | 'FAIL' | 'ERROR' | 'ABORTED';

/** What the chip said of itself. */
export interface ModuleIdentity {
  /** Lower case with colons. */
  readonly mac: string;
  /** Type on the label, such as ESP8266EX. */
  readonly chip: string;
  /** Maker first, such as "ef4016". */
  readonly flashId: string;
  readonly flashBytes: number;
}

/** The digest of one region of the job. */
export interface RegionDigest {
  readonly address: number;
  /** Lower-case hexadecimal MD5. */
  readonly md5: string;
}

/** All that a session knows at its end, whatever its end was. Durations are ms of the monotonic clock. */
export interface RunReport {
  readonly outcome: RunOutcome;
  /** The primary code; null exactly on PASS. */
  readonly code: FaultCode | null;
  /** What was seen, one plain sentence; null on PASS. */
  readonly detail: string | null;
  /** The phase it ended in; null when it ended before the first. */
  readonly phase: RunPhase | null;
  /** What was learnt of the module before the end. */
  readonly identity: Partial<ModuleIdentity>;
  /** Time spent in each phase that was entered. */
  readonly phaseMs: Partial<Record<RunPhase, number>>;
  readonly totalMs: number;
  /** Rate of the link while writing, baud. */
  readonly baud: number | null;
  /** Bytes of all regions, uncompressed. */
  readonly bytes: number | null;
  /** Of these, bytes of the regions that were not written because the flash already had them. */
  readonly bytesSkipped: number | null;
  /** Bytes of data sent for the others: compressed where that was used. */
  readonly bytesSent: number | null;
  /** Repeats inside the run: resets, resent blocks, rates stepped down. */
  readonly retries: number;
  /** Needed repeats, or ran at a lower rate than was wanted; a pass of this kind is a warning. */
  readonly marginal: boolean;
  /** An erase or a write had begun: the module is half-programmed unless it passed. */
  readonly dirty: boolean;
  readonly digestsExpected: readonly RegionDigest[];
  /** What the chip computed: of a skipped region before the writing, of any other after it. */
  readonly digestsActual: readonly RegionDigest[];
  /** The two numbers of `boot mode:(x,y)` after the final reset, as "3,7". */
  readonly bootMode: string | null;
  readonly bootVersion: string | null;
  /** For the engineer, in no published record; null on PASS, and where nothing is known. */
  readonly evidence: RunEvidence | null;
}

/** A run that ends after the identification because it may not be done: nothing was written, and it counts nowhere. */
export interface RunRefusal {
  /** Why, such as D05. */
  readonly code: FaultCode;
  /** What was seen, one plain sentence. */
  readonly detail: string;
  readonly identity: Partial<ModuleIdentity>;
  /** Wall-clock ms. */
  readonly finishedAt: number;
}
