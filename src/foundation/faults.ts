import { bootFaults } from './faults/boot.ts';
import { contactFaults } from './faults/contact.ts';
import { deviceFaults } from './faults/device.ts';
import type { FaultKind } from './faults/fault-kind.ts';
import { flashFaults } from './faults/flash.ts';
import { jobFaults } from './faults/job.ts';
import { networkFaults } from './faults/network.ts';
import { stationFaults } from './faults/station.ts';
import { writeFaults } from './faults/write.ts';

/** Every failure code the program can raise: what it means, who acts, what they do. */
export const faultTable = {
  ...contactFaults,
  ...deviceFaults,
  ...flashFaults,
  ...writeFaults,
  ...bootFaults,
  ...jobFaults,
  ...stationFaults,
  ...networkFaults,
};

export type FaultCode = keyof typeof faultTable;

/** The row of a code. */
export function faultKind(code: FaultCode): FaultKind {
  return faultTable[code];
}

/** Narrows a text, for example one read from the ledger, to a known code. */
export function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(faultTable, text);
}

/**
 * Whether the operator may re-seat the module and press again, by the retry policy of the code: not where the module is
 * quarantined, nor where the nest or the station has to be looked at first.
 */
export function mayTryAgain(code: FaultCode): boolean {
  const { retry } = faultKind(code);
  return retry.some((each) => each.startsWith('R')) || !retry.some((each) => each === 'Q' || each.startsWith('S'));
}

/** How often a module may be tried again at this station after it failed with this code. */
export function triesAfter(code: FaultCode): 'as the job says' | 'once' | 'none' {
  const { retry } = faultKind(code);
  if (retry.includes('Q')) return 'none';
  return retry.includes('R once') ? 'once' : 'as the job says';
}

/** A fault of a run or of the station: a stable code, one sentence of detail, and the next action. */
export class StationError extends Error {
  override readonly name = 'StationError';
  readonly code: FaultCode;
  /** What was seen, as one plain sentence without the code. */
  readonly detail: string;
  /** What to do about it, one or two plain sentences. */
  readonly action: string;

  /**
   * @param detail one plain sentence; default: the cause in the table
   * @param options `action`: where the one in the table does not fit
   */
  constructor(code: FaultCode, detail: string = faultKind(code).cause, options: StationErrorOptions = {}) {
    super(`${code} ${faultKind(code).name}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.action = options.action ?? faultKind(code).action;
  }
}

export interface StationErrorOptions extends ErrorOptions {
  readonly action?: string;
}

/** The error itself when it is a StationError, else S99 with the error as its cause. */
export function asStationError(error: unknown): StationError {
  if (error instanceof StationError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new StationError('S99', text, { cause: error });
}
