import type { Job, BootCheck, Region } from '../../src/firmware/job.ts';
import { esp8266 } from '../../src/chips/esp8266.ts';
import { mixedBytes, region } from './regions.ts';

/** An image that the ROM starts: one segment in RAM, checksum right (protocol reference §7.1). */
export function bootableImage(segmentBytes: number, seed = 1): Uint8Array {
  const segment = mixedBytes(Math.ceil(segmentBytes / 4) * 4, seed);
  const image = new Uint8Array(Math.ceil((16 + segment.length + 1) / 16) * 16).fill(0);
  const view = new DataView(image.buffer);
  image.set([0xe9, 1, 2, 0x40]);
  view.setUint32(4, 0x4010_0000, true);
  view.setUint32(8, 0x4010_0000, true);
  view.setUint32(12, segment.length, true);
  image.set(segment, 16);
  image[image.length - 1] = segment.reduce((sum, byte) => sum ^ byte, 0xef);
  return image;
}

export interface BenchJobOptions {
  readonly regions: readonly (readonly [address: number, data: Uint8Array])[];
  readonly boot?: BootCheck | 'header' | 'off';
  readonly erase?: Job['erase'];
  readonly skip?: Job['skip'];
  readonly flashSize?: number | 'detect';
}

/** A job made of bytes in memory. */
export function benchJob(options: BenchJobOptions): Job {
  const { regions, boot = 'header', erase = 'sectors', skip = 'none', flashSize = 'detect' } = options;
  const made: readonly Region[] = regions.map(([address, data], index) => ({
    label: `region ${index + 1}`,
    ...region(address, data),
  }));
  return {
    name: 'bench',
    product: 'bench',
    release: null,
    chip: esp8266,
    text: '{}',
    hash: 'sha256:0',
    operation: 'bench:0',
    flash: { size: flashSize, mode: 'keep', frequency: 'keep' },
    erase,
    skip,
    boot,
    policy: { reflash: 'refuse', attempts: 2, flashIds: null, variant: 'any' },
    regionsFor: () => made,
    assertUnchanged: () => undefined,
  };
}
