import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ImageDefinition, JobDefinition } from '../../src/firmware/job-definition.ts';
import type { Region } from '../../src/firmware/job.ts';
import { flash, image, imageOf, load, problemOf, workedImage } from './sample-images.ts';

// What esptool's own tests assert of -fm, -fs and -ff (protocol reference §7.4 and §8.3), asked of a whole job.

const KB = 1024;
const MB = KB * KB;
/** MD5 of the worked image of §7.1 as it is, and as DOUT, 2 MB, 80 MHz. */
const md5Before = 'bf88589a759cd6220475e33049576cc5';
const md5After = 'b116dd7dbe101e32452c2d257fed4d0b';
const kept = (size: string): JobDefinition['flash'] => ({ size, mode: 'keep', frequency: 'keep' });
const initData: ImageDefinition = { source: { builtin: 'init-data' }, at: 'init-data', sha256: null };

function regionAt(regions: readonly Region[], address: number): Region {
  const found = regions.find((region) => region.address === address);
  if (found === undefined) throw new Error(`There is no region at ${address}.`);
  return found;
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Offsets at which two images of one length differ. */
function differences(one: Uint8Array, other: Uint8Array): readonly number[] {
  expect(one.length).toBe(other.length);
  return [...one.keys()].filter((offset) => one[offset] !== other[offset]);
}

describe('keep', () => {
  test.for([512 * KB, 1 * MB, 4 * MB, 16 * MB])('changes no setting on a module with %i bytes', (flashBytes) => {
    const region = regionAt(load({ flash: kept('keep') }).regionsFor(flashBytes), 0);
    expect(differences(region.data, workedImage)).toEqual([]);
    expect(region.md5).toBe(md5Before);
  });

  test('of one parameter leaves that one and sets the others', () => {
    const header = (parameters: JobDefinition['flash']): readonly number[] => [
      ...regionAt(load({ flash: parameters }).regionsFor(4 * MB), 0).data.subarray(2, 4),
    ];
    expect(header({ size: '2MB', mode: 'keep', frequency: '80m' })).toEqual([0x02, 0x3f]);
    expect(header({ size: '2MB', mode: 'dout', frequency: 'keep' })).toEqual([0x03, 0x30]);
    expect(header({ size: 'keep', mode: 'dout', frequency: '80m' })).toEqual([0x03, 0x4f]);
  });

  test('of the size expects none, and named addresses follow the flash of the module', () => {
    const job = load({ flash: kept('keep'), images: [image('fw.bin', 0), initData] });
    expect(job.flash.size).toBe('detect');
    for (const [flashBytes, address] of [
      [512 * KB, 0x7c000],
      [4 * MB, 0x3fc000],
      [32 * MB, 0x1ffc000],
    ] as const) {
      expect(job.regionsFor(flashBytes).map((region) => region.address)).toEqual([0, address]);
    }
  });

  test('of the size fits by the flash of the module, not by what the image says', () => {
    const job = load({ flash: kept('keep'), images: [image('fw.bin', 0), image('fw.bin', 0x300000)] });
    expect(job.regionsFor(4 * MB)).toHaveLength(2);
    expect(problemOf(() => job.regionsFor(2 * MB))).toMatch(/^J05 fw\.bin .* does not fit a flash of 2048 KB/);
  });
});

describe('detect', () => {
  test.for([
    { flashBytes: 256 * KB, code: 0x10 },
    { flashBytes: 512 * KB, code: 0x00 },
    { flashBytes: 1 * MB, code: 0x20 },
    { flashBytes: 2 * MB, code: 0x30 },
    { flashBytes: 8 * MB, code: 0x80 },
    { flashBytes: 16 * MB, code: 0x90 },
  ])('changes only the size, to the code $code for $flashBytes bytes', ({ flashBytes, code }) => {
    const { data } = regionAt(load({ flash: kept('detect') }).regionsFor(flashBytes), 0);
    expect(differences(data, workedImage)).toEqual([3]);
    expect(data[3]).toBe(code);
  });

  test('changes nothing where the image says the size of the module already', () => {
    expect(regionAt(load({ flash: kept('detect') }).regionsFor(4 * MB), 0).md5).toBe(md5Before);
  });

  test('refuses a module whose size has no code, where keep takes it', () => {
    expect(problemOf(() => load({ flash: kept('detect') }).regionsFor(3 * MB))).toBe(
      'J05 The module has 3072 KB of flash, which the header of an image cannot state; the job must name a size.',
    );
    expect(regionAt(load({ flash: kept('keep') }).regionsFor(3 * MB), 0).md5).toBe(md5Before);
  });

  test('without an image at 0 has nothing to state and takes any size', () => {
    const job = load({ flash: kept('detect'), images: [image('fw.bin', 0x10000)] });
    expect(regionAt(job.regionsFor(3 * MB), 0x10000).md5).toBe(md5Before);
  });
});

describe('explicit size, frequency and mode', () => {
  test('change bytes 2 and 3, and the digest to compare is that of the changed image', () => {
    const region = regionAt(load({ flash: flash('2MB') }).regionsFor(4 * MB), 0);
    expect(differences(region.data, workedImage)).toEqual([2, 3]);
    expect([...region.data.subarray(2, 4)]).toEqual([0x03, 0x3f]);
    expect(region.md5).toBe(md5After);
    expect(region.md5).toBe(md5(region.data));
  });

  test('change the first image of a merged file and nothing behind it', () => {
    const merged = Uint8Array.of(...workedImage, ...new Uint8Array(0x1000 - 48).fill(0xff), ...workedImage, 1, 2, 3);
    const { data } = regionAt(load({ flash: flash('2MB') }, { '/jobs/fw.bin': merged }).regionsFor(4 * MB), 0);
    expect(differences(data, Uint8Array.of(...merged, 0xff))).toEqual([2, 3]);
  });

  test('change an image that ends inside a word, after it was padded', () => {
    const odd = Uint8Array.of(...imageOf(Uint8Array.of(1, 2, 3, 4)), 9);
    const { data } = regionAt(load({ flash: flash('1MB') }, { '/jobs/fw.bin': odd }).regionsFor(4 * MB), 0);
    expect([...data.subarray(0, 4), ...data.subarray(-4)]).toEqual([0xe9, 1, 3, 0x2f, 9, 0xff, 0xff, 0xff]);
  });

  test('leave alone what does not lie at 0, image or not', () => {
    const text = new TextEncoder().encode('no image');
    const images = [image('fw.bin', 0x1000), image('text', 0x10000)];
    const regions = load({ flash: flash('2MB'), images }, { '/jobs/text': text }).regionsFor(4 * MB);
    expect(regionAt(regions, 0x1000).md5).toBe(md5Before);
    expect(regionAt(regions, 0x10000).md5).toBe(md5(text));
  });
});

// esptool writes such files unchanged and warns; the ROM would not start them, so the job is refused.
test.for([
  { name: 'without E9', content: Uint8Array.of(0, ...workedImage.subarray(1)), problem: /^J04 .* starts with 0x00/ },
  { name: 'of 7 bytes', content: workedImage.subarray(0, 7), problem: /^J04 .* ends inside its header/ },
  {
    name: 'with a wrong checksum',
    content: Uint8Array.of(...workedImage.subarray(0, 47), 0xc4),
    problem: /^J04 .* is damaged: its checksum is 0xc4 and its data give 0xc5/,
  },
])('a file $name at 0 is not rewritten but refused, with parameters and without', ({ content, problem }) => {
  for (const parameters of [flash('2MB'), flash('detect'), kept('keep')]) {
    expect(problemOf(() => load({ flash: parameters }, { '/jobs/fw.bin': content }))).toMatch(problem);
  }
});
