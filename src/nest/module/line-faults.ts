import type { FaultCode } from '../../foundation/faults.ts';
import { StationError } from '../../foundation/faults.ts';

// What a bad link alone can cause, with nothing wrong on the module.
const ofLine: ReadonlySet<FaultCode> = new Set(['C04', 'C06', 'W01', 'W02', 'W04', 'V02', 'F05']);

const ofSilence: ReadonlySet<FaultCode> = new Set(['C06', 'W02', 'V02', 'F05']);

/** Whether the module did not answer at all. */
export function isSilence(fault: StationError): boolean {
  return ofSilence.has(fault.code);
}

/** Whether the work may succeed over a better link. */
export function isOfLine(error: unknown): error is StationError {
  return error instanceof StationError && ofLine.has(error.code);
}

/** Whether the start of the work may succeed after a reset: what a bad line may cause, no flash id, no RAM loader. */
export function isOfFreshStart(fault: StationError): boolean {
  return fault.code === 'F01' || fault.code === 'F06' || isOfLine(fault);
}

/** Faults that another try cannot mend: those of the station, another module, and an abort. */
export function isFinal(fault: StationError, signal: AbortSignal): boolean {
  return signal.aborted || fault.code.startsWith('S') || fault.code === 'D08';
}
