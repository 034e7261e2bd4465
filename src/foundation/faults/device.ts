import type { FaultKind } from './fault-kind.ts';

/** D: the identity of the module. */
export const deviceFaults = {
  D01: {
    name: 'WRONG_CHIP',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['Q', 'S'],
    operator: 'WRONG PART – stop, call supervisor',
    cause: 'The chip is of another family: wrong tray or wrong job.',
    action: 'Compare the tray with the job; the detect register must read 0xfff0c101.',
  },
  D03: {
    name: 'MAC_INVALID',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['A', 'Q'],
    operator: 'BAD MODULE – red bin',
    cause: 'The MAC in the efuses is all zeros, all ones, multicast or has an unknown vendor selector.',
    action: 'Suspect blank or corrupt OTP or a counterfeit; keep the module for incoming inspection.',
  },
  D05: {
    name: 'ALREADY_DONE',
    outcome: 'BLOCKED',
    attribution: 'O',
    retry: [],
    operator: 'ALREADY DONE – green bin',
    cause: 'The module has passed under this operation before: it was pressed twice or came back from the wrong tray.',
    action:
      'Put it with the modules that have passed; where a second flash is wanted, the job says policy.reflash: allow.',
  },
  D08: {
    name: 'UNIT_SWAPPED',
    outcome: 'FAIL',
    attribution: 'O',
    retry: ['Q'],
    operator: 'MODULE CHANGED – redo both',
    cause: 'After a reset in the middle of the run another module answered.',
    action: 'Redo this module and the one that was taken out; neither is known to be complete.',
  },
} as const satisfies Record<string, FaultKind>;
