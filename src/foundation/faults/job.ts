import type { FaultKind } from './fault-kind.ts';

/** J: the job. A start that meets one of these is refused; no module is touched. */
export const jobFaults = {
  J01: {
    name: 'NO_JOB',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: ['S until mended'],
    cause: 'No job is configured, or the job file cannot be read.',
    action:
      'Correct the name that was given, or `job` in the station file: the name of a file in `jobs`, without .yaml.',
  },
  J02: {
    name: 'FILE_MISSING',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: ['S until mended'],
    cause: 'An image file of the job is not there or cannot be read.',
    action: 'Check the path in the job and the mount it is on.',
  },
  J03: {
    name: 'FILE_CHANGED',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: ['S until mended'],
    cause: 'A file of the job differs from what was approved.',
    action:
      'Find out who changed the file; restore it, or approve the new hash: with `jigd approve`, or in `approved` of the station file where that is there.',
  },
  J04: {
    name: 'BAD_IMAGE',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: ['S until mended'],
    cause: 'An image is damaged, truncated or no ESP8266 image.',
    action: 'Build or download the image again and compare its sha256.',
  },
  J05: {
    name: 'LAYOUT_CONFLICT',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: ['S until mended'],
    cause: 'Images overlap, are not aligned, or do not fit the declared flash size.',
    action: 'Correct the addresses or the flash size of the job.',
  },
  J06: {
    name: 'QUANTITY_REACHED',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: [],
    cause: 'As many modules as the lot is to have have passed.',
    action: 'Close the lot.',
  },
  J07: {
    name: 'SERIALS_EXHAUSTED',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: [],
    cause: 'The pool of serial numbers is empty.',
    action: 'Get new numbers for the work order.',
  },
  J08: {
    name: 'NOT_APPROVED',
    outcome: 'BLOCKED',
    attribution: 'J',
    retry: ['S until mended'],
    cause: 'The job is signed or released by nobody.',
    action: 'Have it released, or approve its hash.',
  },
} as const satisfies Record<string, FaultKind>;
