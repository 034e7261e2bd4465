import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { parseJobFile } from '../../src/config/job-file.ts';
import { diskFiles } from '../../src/firmware/job-files.ts';
import { resolveJob } from '../../src/firmware/resolve-job.ts';
import type { Job } from '../../src/firmware/job.ts';
import { behaviour } from '../support/behaviour.ts';
import { behaviourStation, goodModule, nextPasses, silentApplication } from '../support/behaviour-station.ts';
import { bootableImage } from '../support/bench-job.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { atShare, lamps, refusal, run } from '../support/station-steps.ts';
import { holdsJob } from '../support/virtual-bench.ts';

const jobText = `name: lot-job
product: lot-module
release: '1.2'
chip: esp8266
flash: { size: 4MB, mode: dout, frequency: 80m }
images:
  - { file: image.bin, at: 0x00000 }
`;

behaviour(
  'image file replaced on disk during the lot',
  'the run under way ends with what was loaded, and every later start is J03 until the file is back',
  async () => {
    using folder = temporaryFolder();
    const image = folder.file('image.bin');
    writeFileSync(image, bootableImage(20_000));
    // Without the imports of the command line, which take real time: this clock would let the limit of a load pass.
    const loadJob = (): Promise<Job> =>
      Promise.resolve(resolveJob(parseJobFile(jobText, 'job.yaml'), dirname(image), diskFiles));
    const module = () => goodModule({ application: silentApplication });
    await using at = await behaviourStation({
      nests: 2,
      module,
      setup: () => ({ loadJob }),
    });
    const { job } = at.station;
    const chip = at.insert(1, module());
    atShare(at, 0.4, () => {
      copyFileSync(image, folder.file('kept.bin'));
      writeFileSync(image, bootableImage(20_000, 2));
    });
    expect(await run(at, 1)).toMatchObject({ outcome: 'PASS', seq: 1, job_hash: job?.hash });
    expect(job !== null && holdsJob(chip, job)).toBe(true);
    for (const nest of [1, 2]) {
      at.insert(nest, module());
      expect(await refusal(at, nest)).toMatchObject({
        code: 'J03',
        detail: expect.stringMatching(/image\.bin has been changed/) as string,
      });
      expect(await lamps(at, nest)).toBe('no-verdict');
    }
    expect(at.station.ledger.lastSeq()).toBe(1);
    renameSync(folder.file('kept.bin'), image);
    await nextPasses(at, 1, { application: silentApplication });
    await nextPasses(at, 2, { application: silentApplication });
  },
);
