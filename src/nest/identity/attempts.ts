import { triesAfter } from '../../foundation/faults.ts';
import type { FaultCode } from '../../foundation/faults.ts';

/**
 * Failures that say nothing once the module is taken: each run judges this anew, before anything is written, and a part
 * that was accepted or a job that was put right is no second try.
 */
const judgedAnew: ReadonlySet<FaultCode> = new Set<FaultCode>(['D02', 'D04', 'F02', 'F03']);

/** How the tries of a module stand. */
export interface Tries {
  /** The failures that count, the last one first. */
  readonly failures: readonly FaultCode[];
  /** After so many of them it is not tried again. */
  readonly limit: number;
}

/**
 * The last failure decides how often a module may be tried: as the job says, one more time at the most (`R once`), or
 * not again at this station (`Q`).
 * @param failures codes of its failed runs, the last one first
 * @param attempts how often a module may fail by the job, from 1
 */
export function triesOf(failures: readonly FaultCode[], attempts: number): Tries {
  const counted = failures.filter((code) => !judgedAnew.has(code));
  const [last] = counted;
  return { failures: counted, limit: last === undefined ? attempts : Math.min(attempts, limitAfter(last)) };
}

/** True when it may not be tried again (D09). */
export function areUsedUp({ failures, limit }: Tries): boolean {
  return failures.length >= limit;
}

function limitAfter(code: FaultCode): number {
  switch (triesAfter(code)) {
    case 'none':
      return 1;
    case 'once':
      return 2;
    case 'as the job says':
      return Infinity;
  }
}
