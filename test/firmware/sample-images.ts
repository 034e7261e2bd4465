import { StationError } from '../../src/foundation/faults.ts';
import type { ImageDefinition, JobDefinition } from '../../src/firmware/job-definition.ts';
import type { JobFiles } from '../../src/firmware/job-files.ts';
import { resolveJob } from '../../src/firmware/resolve-job.ts';
import type { ResolvedJob } from '../../src/firmware/resolve-job.ts';

/** The worked example of protocol reference §7.1: two segments, DIO, 4MB, 40m, checksum C5. */
export const workedImage = Uint8Array.from(
  Buffer.from(
    'e9020240040010400000104008000000' + '01020304050607080080fe3f04000000' + 'deadbeef0000000000000000000000c5',
    'hex',
  ),
);

/** An image with one segment of these bytes at an address, with a right checksum. @param length a multiple of 4 */
export function imageOf(data: Uint8Array, address = 0x40100000): Uint8Array {
  const end = 16 + data.length;
  const image = new Uint8Array((end | 15) + 1);
  const view = new DataView(image.buffer);
  image.set([0xe9, 1, 0, 0]);
  view.setUint32(4, 0x40100000, true);
  view.setUint32(8, address, true);
  view.setUint32(12, data.length, true);
  image.set(data, 16);
  image[image.length - 1] = data.reduce((checksum, byte) => checksum ^ byte, 0xef);
  return image;
}

/** Files in memory; a test changes them through `content` and `touched`. */
export function memoryFiles(content: Record<string, Uint8Array>): JobFiles & { readonly touched: Set<string> } {
  const touched = new Set<string>();
  const stamp = (path: string): string => {
    if (content[path] === undefined) throw Object.assign(new Error('ENOENT: gone'), { code: 'ENOENT' });
    return `${content[path].length} ${touched.has(path) ? 'later' : 'first'}`;
  };
  return {
    touched,
    stamp,
    read: (path) => {
      const found = stamp(path);
      return { bytes: content[path] ?? new Uint8Array(), stamp: found };
    },
  };
}

/** A job with the worked image at 0 of a 4 MB module, and what a test wants otherwise. */
export function definitionOf(changes: Partial<JobDefinition> = {}): JobDefinition {
  return {
    name: 'sample',
    product: 'sample',
    release: null,
    chip: 'esp8266',
    flash: { size: '4MB', mode: 'keep', frequency: 'keep' },
    images: [{ source: { file: 'fw.bin' }, at: 0, sha256: null }],
    erase: 'sectors',
    skip: 'none',
    boot: 'off',
    policy: { reflash: 'refuse', attempts: 2, flashIds: null, variant: 'any' },
    ...changes,
  };
}

/** Flash parameters that change the worked image. */
export const flash = (size: string): JobDefinition['flash'] => ({ size, mode: 'dout', frequency: '80m' });

/** An entry for a file. */
export function image(file: string, at: ImageDefinition['at'], sha256: string | null = null): ImageDefinition {
  return { source: { file }, at, sha256 };
}

/** Resolves a job whose directory holds the worked image as fw.bin. */
export function load(changes: Partial<JobDefinition>, content: Record<string, Uint8Array> = {}): ResolvedJob {
  return resolveJob(definitionOf(changes), '/jobs', memoryFiles({ '/jobs/fw.bin': workedImage, ...content }));
}

/** Code and sentence of the StationError that `work` throws. */
export function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof StationError) return `${error.code} ${error.detail}`;
    throw error;
  }
  return 'none';
}
