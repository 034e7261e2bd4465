import { faultKind } from '../foundation/faults.ts';
import type { FaultCode, StationError } from '../foundation/faults.ts';
import type { StationEvent } from '../nest/station-event.ts';
import type { Finding, Verdict } from './rule.ts';

/**
 * Starts are refused because of the job, or would be since there is none: until a job is loaded, or a start succeeds
 * after all.
 */
export class JobRefusals {
  readonly #fault: () => StationError | null;
  #finding: Finding | null = null;

  /** @param fault why there is no job; null: there is one */
  constructor(fault: () => StationError | null) {
    this.#fault = fault;
  }

  take(event: StationEvent): void {
    if (event.kind === 'jobLoaded' || event.kind === 'runStarted') this.#finding = null;
    if (event.kind !== 'notice' || event.notice.kind !== 'blocked-start') return;
    const { code, detail } = event.notice;
    if (code !== null && isOfTheJob(code)) this.#finding = { nest: null, code, detail };
  }

  verdicts(): Verdict[] {
    const fault = this.#fault();
    const missing = fault === null ? null : { nest: null, code: fault.code, detail: fault.detail };
    return [['job', missing ?? this.#finding]];
  }
}

/** The job is at fault; a lot that is finished is not. */
function isOfTheJob(code: FaultCode): boolean {
  return code.startsWith('J') && faultKind(code).retry.includes('S until mended');
}
