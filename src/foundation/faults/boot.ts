import type { FaultKind } from './fault-kind.ts';

/** B: the boot check after the reset that ends a session. */
export const bootFaults = {
  B01: {
    name: 'NO_BOOT_OUTPUT',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['R'],
    operator: 'NO START – re-seat, press again',
    cause: 'Not a byte after the final reset: RST stuck low, supply sag, TX probe.',
    action: 'Watch 3V3 at the reset; check the RST line and the TX probe.',
  },
  B02: {
    name: 'STUCK_IN_LOADER',
    outcome: 'FAIL',
    attribution: 'S',
    retry: ['S'],
    operator: 'MODE PIN STUCK – call technician',
    cause: 'The module entered flash mode again: GPIO0 driver stuck low or a shorted probe.',
    action: 'Check the GPIO0 line of the nest; every module on it will fail.',
  },
  B04: {
    name: 'ROM_CHECKSUM',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['Q'],
    operator: 'BAD START – red bin',
    cause: 'The ROM could not read the image: flash mode that the part cannot do, or wrong size byte.',
    action: 'Try mode dio, or dout for ESP8285, in the job.',
  },
  B05: {
    name: 'WRONG_VERSION',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['S'],
    operator: 'WRONG FIRMWARE – stop, call supervisor',
    cause: 'The firmware started but reports another version than the job orders, or a forbidden text.',
    action: 'Compare the version in the job with the build it points at.',
  },
  B07: {
    name: 'NO_BANNER',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R'],
    operator: 'NO START – press again once',
    cause: 'The ROM started the application but the expected text never came.',
    action: 'Raise the limit for a first boot that formats a file system; otherwise suspect the application.',
  },
} as const satisfies Record<string, FaultKind>;
