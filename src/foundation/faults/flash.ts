import type { FaultKind } from './fault-kind.ts';

/** F: the flash memory and the loader that reaches it. */
export const flashFaults = {
  F01: {
    name: 'FLASH_SILENT',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['A', 'R'],
    operator: 'BAD MODULE – red bin',
    cause: 'The flash does not answer: solder, dead or missing flash, GPIO6–11 loaded by the board.',
    action: 'Inspect the flash chip and GPIO6–11.',
  },
  F03: {
    name: 'FLASH_TOO_SMALL',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    operator: 'WRONG PART – red bin',
    cause: 'The flash is smaller than the job needs.',
    action: 'Compare the part with the job; check for a faked capacity byte.',
  },
  F04: {
    name: 'FLASH_PROTECTED',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    operator: 'BAD MODULE – red bin',
    cause: 'The protection bits of the flash stay set.',
    action: 'Check the WP pin; clear the status register in an engineering job.',
  },
  F05: {
    name: 'ERASE_TIMEOUT',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R'],
    operator: 'BAD MODULE – re-seat once',
    cause: 'The erase did not end within its limit: worn or slow flash, supply dip.',
    action: 'Watch 3V3 during the erase; if it is steady, reject the module.',
  },
  F06: {
    name: 'LOADER_START_FAILED',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['A', 'R'],
    operator: 'BAD SIGNAL – re-seat, press again',
    cause: 'The RAM loader did not arrive intact or did not start: link quality or a RAM fault.',
    action: 'Check wiring and supply; a repeat on several modules is the nest.',
  },
} as const satisfies Record<string, FaultKind>;
