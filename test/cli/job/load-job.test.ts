import { mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadJob } from '../../../src/cli/job/load-job.ts';
import { workedImage } from '../../firmware/sample-images.ts';
import { jobDirectory, jobText } from '../job-directory.ts';

test('a job is loaded with its files relative to the job file', async () => {
  using directory = jobDirectory();
  const job = await loadJob(directory.job);
  expect(job).toMatchObject({ name: 'sample', product: 'sample', release: '1.0', boot: 'off', erase: 'sectors' });
  const [app, init] = job.regionsFor(2 << 20);
  expect(app).toMatchObject({ label: 'fw.bin', address: 0, md5: 'b116dd7dbe101e32452c2d257fed4d0b' });
  expect(init).toMatchObject({ label: 'builtin init-data', address: 0x1fc000 });
});

test.for([
  { name: 'a job file that is not there', prepare: 'sample', code: 'J01' },
  { name: 'an image that is not there', prepare: 'image', code: 'J02' },
  { name: 'an image that is a directory', prepare: 'directory', code: 'J02' },
  { name: 'a job file that is no job', prepare: 'text', code: 'CONFIG_INVALID' },
])('$name is refused with $code', async ({ prepare, code }) => {
  using directory = jobDirectory();
  if (prepare === 'sample') rmSync(directory.job);
  if (prepare === 'text') directory.write('sample.yaml', 'name: 1\n');
  if (prepare === 'image' || prepare === 'directory') rmSync(directory.path('fw.bin'));
  if (prepare === 'directory') mkdirSync(directory.path('fw.bin'));
  await expect(loadJob(directory.job)).rejects.toMatchObject({ code });
});

test('a start finds an image of the same size and time that has another inode', async () => {
  using directory = jobDirectory();
  const when = new Date('2024-01-01T00:00:00Z');
  utimesSync(directory.path('fw.bin'), when, when);
  const job = await loadJob(directory.job);
  job.assertUnchanged();
  directory.write('new.bin', Uint8Array.of(...workedImage.subarray(0, 47), 0));
  utimesSync(directory.path('new.bin'), when, when);
  renameSync(directory.path('new.bin'), directory.path('fw.bin'));
  expect(() => job.assertUnchanged()).toThrow('J03 FILE_CHANGED: fw.bin has been changed since the job was loaded.');
});

test('a start accepts an image that was written again with the same bytes', async () => {
  using directory = jobDirectory();
  const job = await loadJob(directory.job);
  directory.write('fw.bin', workedImage);
  utimesSync(directory.path('fw.bin'), new Date(0), new Date(0));
  expect(() => job.assertUnchanged()).not.toThrow();
});

test('a start finds an image that has gone', async () => {
  using directory = jobDirectory();
  const job = await loadJob(directory.job);
  rmSync(directory.path('fw.bin'));
  expect(() => job.assertUnchanged()).toThrow('J02 FILE_MISSING: fw.bin cannot be read: there is no such file.');
});

test.for([
  { name: 'accepts a job file with another comment', text: `# reviewed\n${jobText}`, code: null },
  { name: 'refuses a job file with another release', text: jobText.replace('1.0', '1.1'), code: 'J03' },
  { name: 'refuses a job file that is no job any more', text: 'name: 1\n', code: 'J03' },
])('a start $name', async ({ text, code }) => {
  using directory = jobDirectory();
  const job = await loadJob(directory.job);
  directory.write('sample.yaml', text);
  if (code === null) expect(() => job.assertUnchanged()).not.toThrow();
  else expect(() => job.assertUnchanged()).toThrow(expect.objectContaining({ code }) as Error);
});

test('a start finds a job file that has gone', async () => {
  using directory = jobDirectory();
  const job = await loadJob(directory.job);
  rmSync(directory.job);
  expect(() => job.assertUnchanged()).toThrow(/^J01 NO_JOB: The job file .*sample\.yaml cannot be read/);
});
