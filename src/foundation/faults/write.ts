import type { FaultKind } from './fault-kind.ts';

/** W and V: writing and verifying. */
export const writeFaults = {
  W01: {
    name: 'BLOCK_REJECTED',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['A', 'R'],
    cause: 'The loader refused a block: line noise.',
    action: 'If it is frequent, lower the rate of the nest.',
  },
  W02: {
    name: 'BLOCK_TIMEOUT',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['A', 'R'],
    cause: 'No answer to a block of data: contact lost or brown-out while programming.',
    action: 'Check contacts; watch 3V3 while writing.',
  },
  W03: {
    name: 'FLASH_WRITE_ERROR',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R once'],
    cause: 'The flash reported a failed operation: defect, protection or supply.',
    action: 'Repeat once on another nest; then reject the module.',
  },
  W04: {
    name: 'INFLATE_ERROR',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['A'],
    cause: 'The compressed stream arrived damaged.',
    action: 'If it is frequent, lower the rate of the nest.',
  },
  V01: {
    name: 'DIGEST_MISMATCH',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R once'],
    cause: 'The flash does not hold what was written: weak bits, brown-out.',
    action: 'Run once more with a full erase; then reject the module.',
  },
  V02: {
    name: 'VERIFY_TIMEOUT',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['A', 'R'],
    cause: 'The module did not send its digest in time.',
    action: 'Check contacts and supply.',
  },
  V03: {
    name: 'REGION_NOT_BLANK',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['A'],
    cause: 'A region that must be blank is not: an old file system, or RF parameters of an earlier life.',
    action: 'Use `erase: all` in the job.',
  },
  V04: {
    name: 'REGION_STILL_EMPTY',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    cause: 'All writes were ignored: write protection or wrong flash voltage.',
    action: 'Read the status register of the flash; check the WP pin.',
  },
} as const satisfies Record<string, FaultKind>;
