import { describe, expect, test } from 'vitest';
import type { JobDefinition } from '../../src/firmware/job-definition.ts';
import { resolveJob } from '../../src/firmware/resolve-job.ts';
import { definitionOf, flash, image, load, memoryFiles, problemOf, workedImage } from './sample-images.ts';

const MB = 1 << 20;
describe('what identifies a job', () => {
  const boot = {
    baud: 115_200,
    expect: 'ready',
    version: null,
    forbid: null,
    fail: null,
    dialogue: [],
    withinMs: 5000,
  };
  const base = load({ boot });

  test('has a fixed form', () => {
    expect(base.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(base.operation).toMatch(/^sample:[0-9a-f]{64}$/);
  });

  test.for<{ name: string; changes: Partial<JobDefinition>; content?: Record<string, Uint8Array>; differs: string[] }>([
    { name: 'nothing', changes: { boot: { ...boot } }, differs: [] },
    { name: 'a time limit', changes: { boot: { ...boot, withinMs: 6000 } }, differs: ['hash'] },
    { name: 'the release', changes: { boot, release: '2' }, differs: ['hash'] },
    { name: 'the name', changes: { boot, name: 'other' }, differs: ['hash'] },
    { name: 'the erase', changes: { boot, erase: 'all' }, differs: ['hash'] },
    { name: 'the skipping', changes: { boot, skip: 'same' }, differs: ['hash'] },
    {
      name: 'leave to flash again',
      changes: { boot, policy: { reflash: 'allow', attempts: 2, flashIds: null, variant: 'any' } },
      differs: ['hash'],
    },
    {
      name: 'the size left as the image says',
      changes: { boot, flash: { size: 'keep', mode: 'keep', frequency: 'keep' } },
      differs: ['hash', 'operation'],
    },
    { name: 'the product', changes: { boot, product: 'other' }, differs: ['hash', 'operation'] },
    { name: 'the flash mode', changes: { boot, flash: flash('4MB') }, differs: ['hash', 'operation'] },
    {
      name: 'the address',
      changes: { boot, images: [image('fw.bin', 0x1000)] },
      differs: ['hash', 'operation'],
    },
    {
      name: 'a byte of the image',
      changes: { boot },
      content: { '/jobs/fw.bin': Uint8Array.of(...workedImage, 0) },
      differs: ['hash', 'operation'],
    },
    {
      name: 'only the name of a file',
      changes: { boot, images: [image('copy.bin', 0)] },
      content: { '/jobs/copy.bin': workedImage },
      differs: [],
    },
  ])('changes with $name in $differs', ({ changes, content, differs }) => {
    const other = load(changes, content);
    const found = (['hash', 'operation'] as const).filter((key) => other[key] !== base[key]);
    expect(found).toEqual(differs);
  });

  test('does not depend on the order of the images', () => {
    const images = [image('fw.bin', 0), image('fw.bin', 0x10000), image('fw.bin', 'init-data')];
    const job = load({ images });
    const turned = load({ images: images.toReversed() });
    expect([turned.hash, turned.operation]).toEqual([job.hash, job.operation]);
  });
});

describe('a start', () => {
  test('is refused with J03 when a file has other content', () => {
    const content = { '/jobs/fw.bin': workedImage };
    const files = memoryFiles(content);
    const job = resolveJob(definitionOf(), '/jobs', files);
    job.assertUnchanged();
    content['/jobs/fw.bin'] = Uint8Array.of(...workedImage.subarray(0, 47), 0);
    files.touched.add('/jobs/fw.bin');
    expect(problemOf(() => job.assertUnchanged())).toBe('J03 fw.bin has been changed since the job was loaded.');
    expect(job.regionsFor(4 * MB)[0]!.md5).toBe('bf88589a759cd6220475e33049576cc5');
  });

  test('is refused with J02 when a file has gone', () => {
    const content: Record<string, Uint8Array> = { '/jobs/fw.bin': workedImage };
    const job = resolveJob(definitionOf(), '/jobs', memoryFiles(content));
    delete content['/jobs/fw.bin'];
    expect(problemOf(() => job.assertUnchanged())).toMatch(/^J02 fw.bin cannot be read/);
  });

  test('accepts a file that was touched but is the same, and reads it only once for that', () => {
    const files = memoryFiles({ '/jobs/fw.bin': workedImage });
    let reads = 0;
    const counting = { ...files, read: (path: string) => ((reads += 1), files.read(path)) };
    const job = resolveJob(definitionOf(), '/jobs', counting);
    files.touched.add('/jobs/fw.bin');
    job.assertUnchanged();
    job.assertUnchanged();
    expect(reads).toBe(2);
  });
});
