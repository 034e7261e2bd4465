import type { FaultKind } from './fault-kind.ts';

/** D: the identity of the module. */
export const deviceFaults = {
  D01: {
    name: 'WRONG_CHIP',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['Q', 'S nest'],
    cause: 'The chip is of another family: wrong tray or wrong job.',
    action: 'Compare the tray with the job; the detect register must read 0xfff0c101.',
  },
  D02: {
    name: 'WRONG_VARIANT',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['Q', 'S nest'],
    cause:
      'By its efuses the module is another variant than the job orders, ESP8285 in place of ESP8266 or the reverse.',
    action: 'Look for a mixed reel; an ESP8285 needs mode dout and a layout for its flash.',
  },
  D03: {
    name: 'MAC_INVALID',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['A', 'Q'],
    cause: 'The MAC in the efuses is all zeros, all ones, multicast or has an unknown vendor selector.',
    action: 'Suspect blank or corrupt OTP or a counterfeit; keep the module for incoming inspection.',
  },
  D04: {
    name: 'MAC_DUPLICATE',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    cause: 'More than one module has this MAC: on two nests at once, or with another flash than before.',
    action:
      'Keep both, and every earlier module with this MAC: whole trays of clones exist. `jigd release` ends the hold when it is explained.',
  },
  D05: {
    name: 'ALREADY_DONE',
    outcome: 'REFUSED',
    attribution: 'O',
    retry: [],
    cause: 'The module has passed under this operation before: it was pressed twice or came back from the wrong tray.',
    action:
      'Put it with the modules that have passed; where a second flash is wanted, the job says policy.reflash: allow.',
  },
  D06: {
    name: 'LABEL_MISMATCH',
    outcome: 'REFUSED',
    attribution: 'O',
    retry: ['Q', 'S nest'],
    cause: 'The label that was scanned is not the MAC that was read.',
    action: 'Look for labels that are shifted by one along the tray.',
  },
  D07: {
    name: 'ROUTE_REFUSED',
    outcome: 'REFUSED',
    attribution: 'O',
    retry: ['Q'],
    cause: 'The manufacturing system does not allow this step for this unit.',
    action: 'Look for a step that was left out, or for a scrapped unit that came back.',
  },
  D08: {
    name: 'UNIT_SWAPPED',
    outcome: 'FAIL',
    attribution: 'O',
    retry: ['R'],
    cause: 'After a reset in the middle of the run another module answered.',
    action: 'Redo this module and the one that was taken out; neither is known to be complete.',
  },
  D09: {
    name: 'ATTEMPTS_USED',
    outcome: 'REFUSED',
    attribution: 'D',
    retry: ['Q'],
    cause: 'The module has failed as often as the job allows, or with a code that allows no second try.',
    action: 'Look at its runs with `jigd trace`; a supervisor releases it with `jigd release`.',
  },
} as const satisfies Record<string, FaultKind>;
