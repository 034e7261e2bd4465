import type { Clock } from '../../foundation/clock.ts';
import type { StationError } from '../../foundation/faults.ts';
import { faultKind } from '../../foundation/faults.ts';
import { LinkTrace } from '../evidence/link-trace.ts';
import type { ModuleIdentity, RegionDigest, RunOutcome, RunPhase, RunReport } from './outcome.ts';
import type { PhaseSpan, RunEvidence } from '../evidence/run-evidence.ts';

/** Collects what is learnt during a session; at any moment it can say how the run stands. */
export class RunNotes {
  readonly identity: { -readonly [Key in keyof ModuleIdentity]?: ModuleIdentity[Key] } = {};
  retries = 0;
  /** The link ran at a lower rate than was wanted. */
  steppedDown = false;
  /** Everything that was to be in the flash is there. */
  digestsAreRight = false;
  /** A rate was given up during this run. */
  linkGaveUp = false;
  /** Blocks that did not arrive intact. */
  damagedBlocks = 0;
  dirty = false;
  baud: number | null = null;
  bytes: number | null = null;
  bytesSkipped: number | null = null;
  bytesSent: number | null = null;
  bootMode: string | null = null;
  bootVersion: string | null = null;
  /** Bytes heard that belonged to no frame. */
  discardedBytes: number | null = null;
  /** What passes on the link. */
  readonly trace: LinkTrace;

  readonly #expected = new Map<number, string>();
  readonly #found = new Map<number, string>();
  readonly #clock: Clock;
  readonly #entered: (phase: RunPhase) => void;
  readonly #startMs: number;
  readonly #phaseMs: Partial<Record<RunPhase, number>> = {};
  readonly #spans: PhaseSpan[] = [];
  #phase: RunPhase | null = null;
  #phaseStartMs: number;

  /** @param entered is told of each phase as it begins */
  constructor(clock: Clock, entered: (phase: RunPhase) => void) {
    this.#clock = clock;
    this.#entered = entered;
    this.#startMs = clock.monotonic();
    this.#phaseStartMs = this.#startMs;
    this.trace = new LinkTrace(clock, this.#startMs);
  }

  /** The region is part of the work. */
  expect({ address, md5 }: RegionDigest): void {
    this.#expected.set(address, md5);
  }

  /** Regions that were skipped have to be written after all. */
  unskip(regions: readonly { readonly data: Uint8Array }[]): void {
    if (this.bytesSkipped === null) return;
    this.bytesSkipped -= regions.reduce((sum, { data }) => sum + data.length, 0);
  }

  /** The digest that the module gave last for the region at this address. */
  found(address: number, md5: string): void {
    this.#found.set(address, md5);
  }

  /** Ends the phase before and begins this one. */
  enter(phase: RunPhase): void {
    this.#closePhase();
    this.#phase = phase;
    this.#entered(phase);
  }

  /** @param fault why the run ended; null for a pass */
  report(fault: StationError | null): RunReport {
    this.#closePhase();
    return {
      outcome: outcomeOf(fault),
      code: fault?.code ?? null,
      detail: fault?.detail ?? null,
      phase: this.#phase,
      identity: { ...this.identity },
      phaseMs: { ...this.#phaseMs },
      totalMs: this.#clock.monotonic() - this.#startMs,
      baud: this.baud,
      bytes: this.bytes,
      bytesSkipped: this.bytesSkipped,
      bytesSent: this.bytesSent,
      retries: this.retries,
      marginal: this.retries > 0 || this.steppedDown,
      dirty: this.dirty,
      digestsExpected: ascending(this.#expected),
      digestsActual: ascending(this.#found),
      bootMode: this.bootMode,
      bootVersion: this.bootVersion,
      evidence: fault === null ? null : this.#evidence(fault),
    };
  }

  /** Null when it cannot be made: the verdict stands without it. */
  #evidence({ code, detail }: StationError): RunEvidence | null {
    try {
      return {
        schema: 'jigd.evidence/1',
        code,
        detail,
        phase: this.#phase,
        totalMs: tenths(this.#clock.monotonic() - this.#startMs),
        identity: { ...this.identity },
        phases: [...this.#spans],
        discardedBytes: this.discardedBytes,
        digestsExpected: ascending(this.#expected),
        digestsActual: ascending(this.#found),
        ...this.trace.record(),
        cut: null,
      };
    } catch {
      return null;
    }
  }

  #closePhase(): void {
    const now = this.#clock.monotonic();
    const phase = this.#phase;
    if (phase !== null) {
      const ms = now - this.#phaseStartMs;
      this.#phaseMs[phase] = (this.#phaseMs[phase] ?? 0) + ms;
      this.#spans.push({ phase, atMs: tenths(this.#phaseStartMs - this.#startMs), ms: tenths(ms) });
    }
    this.#phaseStartMs = now;
  }
}

/** A run that had passed and then was stopped after all. */
export function withFault(report: RunReport, fault: StationError): RunReport {
  return { ...report, outcome: outcomeOf(fault), code: fault.code, detail: fault.detail };
}

/** A fault that would have been no run, or none that counts, is an error once the run is under way. */
function outcomeOf(fault: StationError | null): RunOutcome {
  if (fault === null) return 'PASS';
  const { outcome } = faultKind(fault.code);
  return outcome === 'FAIL' || outcome === 'ABORTED' ? outcome : 'ERROR';
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function ascending(digests: ReadonlyMap<number, string>): readonly RegionDigest[] {
  return [...digests].map(([address, md5]) => ({ address, md5 })).sort((a, b) => a.address - b.address);
}
