import type { FaultKind } from './fault-kind.ts';

/** B: the boot check after the reset that ends a session. */
export const bootFaults = {
  B01: {
    name: 'NO_BOOT_OUTPUT',
    outcome: 'FAIL',
    attribution: 'C',
    retry: ['R once'],
    cause: 'Not a byte after the final reset: RST stuck low, supply sag, TX probe.',
    action: 'Watch 3V3 at the reset; check the RST line and the TX probe.',
  },
  B02: {
    name: 'STUCK_IN_LOADER',
    outcome: 'FAIL',
    attribution: 'S',
    retry: ['S nest'],
    cause: 'The module entered flash mode again: GPIO0 driver stuck low or a shorted probe.',
    action: 'Check the GPIO0 line of the nest; every module on it will fail.',
  },
  B03: {
    name: 'BOOT_LOOP',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R once'],
    cause:
      'The module starts again and again, is restarted by its watchdog or crashes repeatedly: wrong image or address, missing RF data, supply.',
    action:
      'Read the boot text in the evidence of the run; check image, addresses and init data, then 3V3 under radio load.',
  },
  B04: {
    name: 'ROM_CHECKSUM',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['Q'],
    cause: 'The ROM could not read the image: flash mode that the part cannot do, or wrong size byte.',
    action: 'Try mode dio, or dout for ESP8285, in the job.',
  },
  B05: {
    name: 'WRONG_VERSION',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['S nest'],
    cause: 'The firmware started but reports another version than the job orders, or a forbidden text.',
    action: 'Compare the version in the job with the build it points at.',
  },
  B06: {
    name: 'RF_DATA_INVALID',
    outcome: 'FAIL',
    attribution: 'J',
    retry: ['A'],
    cause:
      'The firmware finds no RF init data that fit it, also after the whole flash was erased and written once more.',
    action:
      'Add `{ builtin: init-data, at: init-data }` to the images of the job, or the init data of the SDK of this firmware.',
  },
  B07: {
    name: 'NO_BANNER',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['R once'],
    cause:
      'The ROM started the application, but the expected text or the answer to a line of the dialogue did not come in time.',
    action:
      'Read in the detail which text or step it was and what came instead; raise `within` for a first boot that formats a file system, otherwise suspect the application.',
  },
  B08: {
    name: 'SELFTEST_FAILED',
    outcome: 'FAIL',
    attribution: 'D',
    retry: ['Q'],
    cause: 'The firmware itself reports that the module is bad, by a text that the job names with `fail`.',
    action: 'Look up what it printed, in the evidence of the run.',
  },
} as const satisfies Record<string, FaultKind>;
