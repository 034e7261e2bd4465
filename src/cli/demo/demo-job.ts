import type { Job } from '../../firmware/job.ts';
import type { JobFiles } from '../../firmware/job-files.ts';
import { resolveJob } from '../../firmware/resolve-job.ts';
import type { Application } from '../../simulator/chip/chip-options.ts';
import { buildDemoImage, demoBanner } from '../../simulator/demo/demo-image.ts';
import { loadJob } from '../job/load-job.ts';

const version = '1.0.0';
const demoFlashBytes = 4 * 1024 * 1024;

/** The job of a file, or the one that the demo makes itself. @throws ConfigError, StationError J01 … J05 */
export async function loadDemoJob(file: string | undefined): Promise<Job> {
  if (file !== undefined) return loadJob(file);
  const image = buildDemoImage({ version });
  const files: JobFiles = { read: () => ({ bytes: image, stamp: 'made' }), stamp: () => 'made' };
  return resolveJob(
    {
      name: 'demo',
      product: 'demo-module',
      release: version,
      chip: 'esp8266',
      flash: { size: '4MB', mode: 'dio', frequency: '40m' },
      images: [
        { source: { file: 'demo.bin' }, at: 0, sha256: null },
        { source: { builtin: 'init-data' }, at: 'init-data', sha256: null },
      ],
      erase: 'sectors',
      skip: 'none',
      boot: {
        baud: 115_200,
        expect: String.raw`jigd demo firmware (\S+)`,
        version,
        forbid: null,
        fail: null,
        dialogue: [],
        withinMs: 5_000,
      },
      policy: { reflash: 'refuse', attempts: 2, flashIds: null, variant: 'any' },
    },
    '.',
    files,
  );
}

/**
 * What a module does once it holds the job. Nobody can run foreign firmware here, so the application prints the first
 * text inside the images that the boot check waits for, and answers a dialogue in the same way.
 */
export function applicationOf(job: Job): Application {
  const regions = job.regionsFor(demoFlashBytes).map(({ address, data }) => ({ address, data }));
  if (typeof job.boot === 'string') return { regions, banner: `${demoBanner(version)}\r\n`, baud: 115_200 };
  const texts = regions.flatMap(({ data }) => printableTexts(data));
  const { expect, baud, dialogue } = job.boot;
  const banner = `\r\n${textFor(expect, texts) ?? ''}\r\n`;
  if (dialogue.length === 0) return { regions, banner, baud };
  const answers = dialogue.map((step) => ({
    line: step.send.trim(),
    // An expression without special characters matches itself.
    answer: `${textFor(step.expect, [...texts, step.expect.source]) ?? ''}\r\n`,
  }));
  return { regions, banner, baud, answers };
}

function textFor(pattern: RegExp | null, texts: readonly string[]): string | undefined {
  return texts.map((text) => pattern?.exec(text)?.[0]).find((text) => text !== undefined);
}

/** The readable pieces of an image, as `strings` would list them. */
function printableTexts(data: Uint8Array): string[] {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  return text.split(/[^\x20-\x7e]+/);
}
