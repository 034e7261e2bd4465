import { expect, test } from 'vitest';
import { parseJobFile } from '../../src/config/job-file.ts';
import { problemsOf, shortly, smallJob } from './config-samples.ts';

const parse = (text: string): ReturnType<typeof parseJobFile> => parseJobFile(text, 'job.yaml');

test('the smallest job gets every default', () => {
  expect(parse(smallJob)).toEqual({
    name: 'j1',
    product: 'j1',
    release: null,
    chip: 'esp8266',
    flash: { size: '4MB', mode: 'keep', frequency: 'keep' },
    images: [{ source: { file: 'fw.bin' }, at: 0, sha256: null }],
    erase: 'sectors',
    skip: 'none',
    boot: 'header',
    policy: { reflash: 'refuse', attempts: 2, flashIds: null, variant: 'any' },
  });
});

test.for([
  { written: '4MB', size: '4MB' },
  { written: '4M', size: '4MB' },
  { written: '512K', size: '512KB' },
  { written: '4M-c1', size: '4MB-c1' },
  { written: '4MB-c1', size: '4MB-c1' },
  { written: 'detect', size: 'detect' },
  { written: 'keep', size: 'keep' },
])('the flash size $written is read as $size', ({ written, size }) => {
  expect(parse(smallJob.replace('4MB', written)).flash.size).toBe(size);
});

test.for([
  { written: '0', at: 0 },
  { written: '65536', at: 0x10000 },
  { written: '0x10000', at: 0x10000 },
  { written: "'0x10000'", at: 0x10000 },
  { written: 'init-data', at: 'init-data' },
  { written: 'system-params', at: 'system-params' },
  { written: 'rf-cal', at: 'rf-cal' },
])('the address $written is read as $at', ({ written, at }) => {
  expect(parse(smallJob.replace('at: 0', `at: ${written}`)).images[0]!.at).toBe(at);
});

test.for([
  { written: '10s', ms: 10_000 },
  { written: '2.5s', ms: 2500 },
  { written: '500ms', ms: 500 },
  { written: '5000', ms: 5000 },
])('the limit $written is $ms ms', ({ written, ms }) => {
  expect(parse(`${smallJob}boot: { expect: ready, within: ${written} }\n`).boot).toEqual({
    baud: 115_200,
    expect: 'ready',
    version: null,
    forbid: null,
    fail: null,
    withinMs: ms,
    dialogue: [],
  });
});

test('what the flash holds already is left alone when the job says so', () => {
  expect(parse(`${smallJob}skip: same\n`).skip).toBe('same');
  expect(parse(`${smallJob}skip: none\nerase: all\n`)).toMatchObject({ skip: 'none', erase: 'all' });
});

test.for([
  { written: 'policy: {}', reflash: 'refuse' },
  { written: 'policy: { reflash: refuse }', reflash: 'refuse' },
  { written: 'policy: { reflash: allow }', reflash: 'allow' },
])('with $written a module that has passed is a matter to $reflash', ({ written, reflash }) => {
  expect(parse(`${smallJob}${written}\n`).policy.reflash).toBe(reflash);
});

test('a sha256 is kept in lower case and a builtin has none', () => {
  const text = `${smallJob.replace('at: 0', `at: 0, sha256: '${'AB'.repeat(32)}'`)}  - { builtin: blank, at: rf-cal }\n`;
  expect(parse(`${text}boot: off\n`)).toMatchObject({
    images: [
      { source: { file: 'fw.bin' }, sha256: 'ab'.repeat(32) },
      { source: { builtin: 'blank' }, at: 'rf-cal', sha256: null },
    ],
    boot: 'off',
  });
});

test.for([
  {
    name: 'a release that YAML reads as a number',
    text: `${smallJob}release: 2.30\n`,
    problem: '6:10 release: expected text, found the number 2.3; put it in quotes.',
  },
  {
    name: "esptool's 32m",
    text: smallJob.replace('4MB', '32m'),
    problem:
      "3:16 flash.size: 32m can be read in two ways: esptool's old megabits, which are 4MB, or 32MB. Write the one you mean.",
  },
  {
    name: "esptool's 4m",
    text: smallJob.replace('4MB', '4m'),
    problem:
      "3:16 flash.size: 4m can be read in two ways: esptool's old megabits, which are 512KB, or 4MB. Write the one you mean.",
  },
  {
    name: 'a size that no header has',
    text: smallJob.replace('4MB', '3MB'),
    problem:
      "3:16 flash.size: expected one of 256KB, 512KB, 1MB, 2MB, 2MB-c1, 4MB, 4MB-c1, 8MB, 16MB, detect or keep, found '3MB'.",
  },
  {
    name: 'a size in bytes',
    text: smallJob.replace('4MB', '4194304'),
    problem: '3:16 flash.size: expected text, found the number 4194304; put it in quotes.',
  },
  {
    name: 'an unknown mode',
    text: smallJob.replace('4MB', '4MB, mode: qoi'),
    problem: "3:27 flash.mode: expected qio or qout or dio or dout or keep, found 'qoi'.",
  },
  {
    name: 'an unknown address',
    text: smallJob.replace('at: 0', 'at: initdata'),
    problem:
      "5:25 images[0].at: expected an address such as 0x10000, or init-data, system-params, rf-cal, found 'initdata'.",
  },
  {
    name: 'a negative address',
    text: smallJob.replace('at: 0', 'at: -4096'),
    problem: '5:25 images[0].at: expected a whole number from 0 to 16777215, found the number -4096.',
  },
  {
    name: 'an image that is neither file nor builtin',
    text: smallJob.replace('file: fw.bin, ', ''),
    problem: '5:5 images[0]: expected either file or builtin.',
  },
  {
    name: 'an image that is both',
    text: smallJob.replace('at: 0', 'builtin: blank, at: 0'),
    problem: '5:5 images[0]: expected either file or builtin.',
  },
  {
    name: 'a sha256 of a builtin',
    text: smallJob.replace('file: fw.bin', `builtin: blank, sha256: '${'ab'.repeat(32)}'`),
    problem: '5:31 images[0].sha256: only a file has a sha256; take it out.',
  },
  {
    name: 'a short sha256',
    text: smallJob.replace('at: 0', "at: 0, sha256: '12ab'"),
    problem: "5:36 images[0].sha256: expected 64 hexadecimal digits in quotes, found '12ab'.",
  },
  {
    name: 'another chip',
    text: smallJob.replace('esp8266', 'esp32'),
    problem: "2:7 chip: expected esp8266, found 'esp32'.",
  },
  {
    name: 'skipping after an erase of everything',
    text: `${smallJob}erase: all\nskip: same\n`,
    problem: '7:7 skip: after `erase: all` no region is there already; take one of the two out.',
  },
  {
    name: 'the same in the other order',
    text: `${smallJob}skip: same\nerase: all\n`,
    problem: '6:7 skip: after `erase: all` no region is there already; take one of the two out.',
  },
  {
    name: 'an unknown way to skip',
    text: `${smallJob}skip: yes\n`,
    problem: "6:7 skip: expected same or none, found 'yes'.",
  },
  {
    name: 'no attempt at all',
    text: `${smallJob}policy: { attempts: 0 }\n`,
    problem: '6:21 policy.attempts: expected a whole number from 1 to 9, found the number 0.',
  },
  {
    name: 'a flash part that is no id',
    text: `${smallJob}policy: { flashIds: [W25Q32] }\n`,
    problem:
      "6:22 policy.flashIds[0]: expected six lower-case hexadecimal digits in quotes, such as 'ef4016', found 'W25Q32'.",
  },
  {
    name: 'an unknown policy for a second flash',
    text: `${smallJob}policy: { reflash: no }\n`,
    problem: "6:20 policy.reflash: expected refuse or allow, found 'no'.",
  },
  {
    name: 'a dialogue in which nothing is said',
    text: `${smallJob}boot: { expect: x, dialogue: [] }\n`,
    problem: '6:30 boot.dialogue: expected at least one entry.',
  },
  {
    name: 'a boot check that is neither off nor a mapping',
    text: `${smallJob}boot: false\n`,
    problem: '6:7 boot: expected off, or a mapping with `expect`, `forbid`, `fail` or `dialogue`.',
  },
  {
    name: 'a boot check that checks nothing',
    text: `${smallJob}boot: { baud: 9600 }\n`,
    problem:
      '6:7 boot: expected `expect`, `forbid`, `fail` or `dialogue`, otherwise nothing is checked; write off to leave it out.',
  },
  {
    name: 'a version that nothing is compared with',
    text: `${smallJob}boot: { forbid: x, version: '1' }\n`,
    problem: '6:29 boot.version: a version is compared with what `expect` finds; add `expect`.',
  },
  {
    name: 'an expression that does not compile',
    text: `${smallJob}boot: { expect: '(' }\n`,
    problem: '6:17 boot.expect: this is no valid regular expression of JavaScript.',
  },
  {
    name: 'seconds without their unit',
    text: `${smallJob}boot: { expect: x, within: 10 }\n`,
    problem: "6:28 boot.within: expected a time from 100 ms to 600 s, such as '10s' or '500ms', found the number 10.",
  },
  {
    name: 'a limit in minutes',
    text: `${smallJob}boot: { expect: x, within: 2m }\n`,
    problem: "6:28 boot.within: expected a time from 100 ms to 600 s, such as '10s' or '500ms', found '2m'.",
  },
  {
    name: 'a name of several lines',
    text: smallJob.replace('j1', '"a\\nb"'),
    problem: '1:7 name: expected 1 to 64 characters in one line, without spaces around them.',
  },
])('$name is refused', ({ text, problem }) => {
  expect(shortly(problemsOf(() => parse(text)))).toEqual([problem]);
});
