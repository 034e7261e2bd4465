import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImageDefinition, JobDefinition } from '../../src/firmware/job-definition.ts';
import { resolveJob } from '../../src/firmware/resolve-job.ts';
import { definitionOf, flash, image, load, memoryFiles, problemOf, workedImage } from './sample-images.ts';

const MB = 1 << 20;
test('regions are padded, patched, ascending and carry digest and compressed bytes', () => {
  const odd = Uint8Array.of(1, 2, 3, 4, 5);
  const job = load(
    { flash: flash('2MB'), images: [image('odd.bin', 0x10000), image('fw.bin', 0)] },
    { '/jobs/odd.bin': odd },
  );
  const [first, second] = job.regionsFor(2 * MB);
  expect(first).toMatchObject({ label: 'fw.bin', address: 0, md5: 'b116dd7dbe101e32452c2d257fed4d0b' });
  expect(second).toMatchObject({ label: 'odd.bin', address: 0x10000 });
  expect([...second!.data]).toEqual([1, 2, 3, 4, 5, 0xff, 0xff, 0xff]);
  expect(second!.md5).toBe(createHash('md5').update(second!.data).digest('hex'));
});

test('a declared size decides the addresses on a larger module too', () => {
  const job = load({
    flash: flash('1MB'),
    images: [{ source: { builtin: 'init-data' }, at: 'init-data', sha256: null }],
  });
  expect(job.flash.size).toBe(MB);
  expect(job.regionsFor(4 * MB).map(({ address }) => address)).toEqual([0xfc000]);
  expect(job.regionsFor(4 * MB)).toBe(job.regionsFor(MB));
});

test('a detected size follows the module, in the addresses and in the header', () => {
  const init: ImageDefinition = { source: { builtin: 'init-data' }, at: 'init-data', sha256: null };
  const job = load({ flash: flash('detect'), images: [image('fw.bin', 0), init] });
  expect(job.flash.size).toBe('detect');
  for (const [bytes, code, address] of [
    [512 * 1024, 0x0f, 0x7c000],
    [4 * MB, 0x4f, 0x3fc000],
  ] as const) {
    const [app, data] = job.regionsFor(bytes);
    expect(app!.data[3]).toBe(code);
    expect(data!.address).toBe(address);
    expect(job.regionsFor(bytes)).toBe(job.regionsFor(bytes));
  }
});

test.for([
  {
    name: 'a missing file',
    changes: { images: [image('gone.bin', 0)] },
    problem: 'J02 gone.bin cannot be read: there is no such file.',
  },
  {
    name: 'another sha256',
    changes: { images: [image('fw.bin', 0, 'ab'.repeat(32))] },
    problem: /^J03 fw\.bin has the sha256 [0-9a-f]{64}; the job asks for (ab){32}\.$/,
  },
  { name: 'an empty file', changes: { images: [image('empty', 0x1000)] }, problem: 'J04 empty is empty.' },
  {
    name: 'a truncated image at 0',
    changes: { images: [image('short', 0)] },
    problem: 'J04 short is cut off: it has 40 bytes and its segments need more.',
  },
  {
    name: 'no image at 0',
    changes: { images: [image('text', 0)] },
    problem: 'J04 text starts with 0x68, not with 0xe9.',
  },
  {
    name: 'a second-stage image at 0',
    changes: { images: [image('ea', 0)] },
    problem: "J04 ea starts with 0xea: the ROM does not start such an image, it needs the SDK's boot loader before it.",
  },
  {
    name: 'an address inside a sector',
    changes: { images: [image('text', 0x1004)] },
    problem: 'J05 text is at 0x1004, which is no multiple of 0x1000.',
  },
  {
    name: 'a hexadecimal address without its 0x',
    changes: { images: [image('text', 10000)] },
    problem: 'J05 text is at 0x2710, which is no multiple of 0x1000. Was 0x10000 meant instead of 10000?',
  },
  {
    name: 'two images in one sector',
    changes: { images: [image('text', 0x2000), image('large', 0x1000)] },
    problem: 'J05 text (0x2000 to 0x2007) overlaps large (0x1000 to 0x2003): both need the sector at 0x2000.',
  },
  {
    name: 'two images at one address',
    changes: { images: [image('text', 0x2000), image('fw.bin', 0x2000)] },
    problem: /^J05 .* both need the sector at 0x2000\.$/,
  },
  {
    name: 'an image past the end',
    changes: { flash: flash('512KB'), images: [image('large', 0x7f000)] },
    problem: 'J05 large (0x7f000 to 0x80003) does not fit a flash of 512 KB, which ends at 0x80000.',
  },
  {
    name: 'an image past the end of every flash',
    changes: { flash: flash('detect'), images: [image('large', 0xfff000)] },
    problem: /^J05 large .* does not fit a flash of 16384 KB/,
  },
  {
    name: 'init data where another image lies',
    changes: { flash: flash('512KB'), images: [image('text', 0x7c000), image('fw.bin', 'init-data')] },
    problem: /^J05 .* both need the sector at 0x7c000\.$/,
  },
  {
    name: 'an unknown chip',
    changes: { chip: 'esp99' },
    problem: 'J05 The job names the chip esp99; this version knows esp8266.',
  },
  {
    name: 'an unknown size',
    changes: { flash: flash('3MB') },
    problem: /^J05 The header .* has no flash size 3MB, only 256KB, /,
  },
] satisfies { name: string; changes: Partial<JobDefinition>; problem: string | RegExp }[])(
  'a job with $name is refused',
  ({ changes, problem }) => {
    const text = new TextEncoder().encode('hello ho');
    const content = {
      '/jobs/empty': new Uint8Array(),
      '/jobs/short': workedImage.subarray(0, 40),
      '/jobs/text': text,
      '/jobs/ea': Uint8Array.of(0xea, 4, 0, 0, 0, 0, 0, 0),
      '/jobs/large': new Uint8Array(0x1004),
    };
    expect(problemOf(() => load(changes, content))).toMatch(problem);
  },
);

test('an image without a header is accepted anywhere but at 0', () => {
  const job = load({ images: [image('irom.bin', 0x10000)] }, { '/jobs/irom.bin': Uint8Array.of(0, 0xfe, 0xef, 0x3f) });
  expect(job.regionsFor(4 * MB)).toHaveLength(1);
});

test('a module that is too small for the regions is refused', () => {
  const job = load({ images: [image('fw.bin', 0), image('fw.bin', 0x3f0000)] });
  expect(problemOf(() => job.regionsFor(MB))).toMatch(/^J05 fw.bin .* does not fit a flash of 1024 KB/);
});

test('a size that no header can state is refused when the job leaves it to the module', () => {
  const job = load({ flash: flash('detect') });
  expect(problemOf(() => job.regionsFor(32 * MB))).toMatch(/^J05 The module has 32768 KB of flash/);
});

test('the boot check arrives with its expressions compiled', () => {
  const boot = {
    baud: 115_200,
    expect: 'v(\\d+)',
    version: '3',
    forbid: null,
    fail: null,
    dialogue: [],
    withinMs: 5000,
  };
  expect(load({ boot }).boot).toEqual({ ...boot, expect: /v(\d+)/m });
  expect(load({ boot: 'header' }).boot).toBe('header');
});

test.for(['same', 'none'] as const)('the job skips %s when its file says so', (skip) => {
  expect(load({ skip }).skip).toBe(skip);
});

test('the regions of any job that is accepted never share a sector and lie inside the flash', () => {
  const places = fc.oneof(
    fc.nat({ max: 0x7f }).map((sector) => sector * 0x1000),
    fc.constantFrom('rf-cal', 'init-data', 'system-params'),
  );
  const entries = fc.array(fc.tuple(places, fc.integer({ min: 1, max: 0x6000 })), { minLength: 1, maxLength: 5 });
  let accepted = 0;
  fc.assert(
    fc.property(entries, fc.constantFrom('512KB', 'detect'), (written, size) => {
      const files = Object.fromEntries(written.map(([, bytes], index) => [`/jobs/${index}`, new Uint8Array(bytes)]));
      const images = written.filter(([at]) => at !== 0).map(([at], index) => image(String(index), at as 'rf-cal'));
      const flashBytes = 512 * 1024;
      let regions;
      try {
        regions = resolveJob(definitionOf({ images, flash: flash(size) }), '/jobs', memoryFiles(files)).regionsFor(
          flashBytes,
        );
      } catch (error) {
        expect(error).toMatchObject({ code: 'J05' });
        return;
      }
      accepted += 1;
      const sectors = regions.flatMap(({ address, data }) =>
        Array.from({ length: Math.ceil(data.length / 0x1000) }, (_, index) => address / 0x1000 + index),
      );
      expect(new Set(sectors).size).toBe(sectors.length);
      expect(Math.max(0, ...sectors)).toBeLessThan(flashBytes / 0x1000);
      expect(sectors).toEqual(sectors.toSorted((a, b) => a - b));
    }),
  );
  expect(accepted).toBeGreaterThan(10);
});
