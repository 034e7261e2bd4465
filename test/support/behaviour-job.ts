import type { Job } from '../../src/firmware/job.ts';
import type { Application } from '../../src/simulator/chip/chip-options.ts';
import { benchJob, bootableImage } from './bench-job.ts';
import { noisyBytes } from './regions.ts';

export const banner = (version: string): string => `\r\nbehaving firmware ${version}\r\n`;

const regions = [
  [0, bootableImage(20_000)],
  [0x20000, noisyBytes(24_000, 7)],
] as const;

/** A job of two images whose boot check wants version 1.2.0. */
export const behaviourJob: Job = {
  ...benchJob({
    regions,
    boot: {
      baud: 115_200,
      expect: /behaving firmware (\S+)/,
      version: '1.2.0',
      forbid: null,
      fail: null,
      dialogue: [],
      withinMs: 3_000,
    },
  }),
  name: 'behaviour',
  product: 'behaviour-module',
};

/** What a good module does once it holds the job. */
export const behaviourApplication: Application = {
  regions: regions.map(([address, data]) => ({ address, data })),
  banner: banner('1.2.0'),
  baud: 115_200,
};
