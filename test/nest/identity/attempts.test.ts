import { expect, test } from 'vitest';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { areUsedUp, triesOf } from '../../../src/nest/identity/attempts.ts';

/** The last failure first. */
const cases: readonly { failures: readonly FaultCode[]; attempts: number; usedUp: boolean; why: string }[] = [
  { failures: [], attempts: 1, usedUp: false, why: 'nothing has failed' },
  { failures: ['C06'], attempts: 1, usedUp: true, why: 'the job allows one' },
  { failures: ['C06'], attempts: 2, usedUp: false, why: 'the job allows two' },
  { failures: ['C06', 'C06'], attempts: 2, usedUp: true, why: 'the job allows two' },
  { failures: ['C06', 'W02', 'V02'], attempts: 4, usedUp: false, why: 'the job allows four' },
  { failures: ['C06', 'W02', 'V02', 'C06'], attempts: 4, usedUp: true, why: 'the job allows four' },
  { failures: ['V01'], attempts: 9, usedUp: false, why: 'R once: one more' },
  { failures: ['V01', 'V01'], attempts: 9, usedUp: true, why: 'R once: one more, and that was it' },
  { failures: ['C06', 'V01'], attempts: 9, usedUp: false, why: 'the last one decides' },
  { failures: ['V01'], attempts: 1, usedUp: true, why: 'R once allows no more than the job' },
  { failures: ['V04'], attempts: 9, usedUp: true, why: 'Q: quarantine' },
  { failures: ['D03'], attempts: 9, usedUp: true, why: 'A and Q: quarantine' },
  { failures: ['F02', 'F02', 'F02'], attempts: 2, usedUp: false, why: 'each run judges the part anew' },
  { failures: ['F03', 'D02', 'D04'], attempts: 1, usedUp: false, why: 'each run judges them anew' },
  { failures: ['F02', 'V04'], attempts: 9, usedUp: true, why: 'the last one that counts decides' },
];

test.for(cases)(
  'after $failures with $attempts attempts, used up: $usedUp, as $why',
  ({ failures, attempts, usedUp }) => {
    expect(areUsedUp(triesOf(failures, attempts))).toBe(usedUp);
  },
);
