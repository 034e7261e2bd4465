import type { FaultKind } from './fault-kind.ts';

/** F: the flash memory and the loader that reaches it. */
export const flashFaults = {
  F01: {
    name: 'FLASH_SILENT',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['A', 'R once'],
    cause: 'The flash does not answer: solder, dead or missing flash, GPIO6–11 loaded by the board.',
    action: 'Inspect the flash chip and GPIO6–11.',
  },
  F02: {
    name: 'FLASH_UNKNOWN',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['S nest'],
    cause: 'The flash is none of those that the job allows: the maker of the module has taken another part.',
    action: 'Accept the part with `jigd accept-part`, or reject the modules; then `jigd unlock`.',
  },
  F03: {
    name: 'FLASH_TOO_SMALL',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    cause: 'The flash is smaller than the job needs.',
    action: 'Compare the part with the job; check for a faked capacity byte.',
  },
  F04: {
    name: 'FLASH_PROTECTED',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    cause: 'The protection bits of the flash stay set.',
    action: 'Check the WP pin; clear the status register in an engineering job.',
  },
  F05: {
    name: 'ERASE_TIMEOUT',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R once'],
    cause: 'The erase did not end within its limit: worn or slow flash, supply dip.',
    action: 'Watch 3V3 during the erase; if it is steady, reject the module.',
  },
  F06: {
    name: 'LOADER_START_FAILED',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['A', 'R'],
    cause: 'The RAM loader did not arrive intact or did not start: link quality or a RAM fault.',
    action: 'Check wiring and supply; a repeat on several modules is the nest.',
  },
  F07: {
    name: 'CAPACITY_LIE',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    cause: 'What is written at the top of the flash shows up at a lower address: a smaller part with a false label.',
    action: 'Keep the module for incoming inspection and check the rest of the reel.',
  },
} as const satisfies Record<string, FaultKind>;
