import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobCommand } from '../../src/cli/job.ts';
import { workedImage } from '../firmware/sample-images.ts';
import { jobDirectory, jobText } from './job-directory.ts';

async function run(...args: readonly string[]): Promise<string> {
  let output = '';
  const command = jobCommand((text) => void (output += text));
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr: () => undefined });
  await command.parseAsync(args, { from: 'user' });
  return output;
}

test('check shows the layout as a table with hash, operation and what happens to the header', async () => {
  using directory = jobDirectory();
  const lines = (await run('check', directory.job)).split('\n');
  expect(lines).toContain('flash       2048 KB');
  expect(lines).toContain('skip        none');
  expect(lines).toContain('boot check  off');
  expect(lines).toContain('header      dio 4MB 40m -> dout 2MB 80m');
  expect(lines.find((line) => line.startsWith('hash'))).toMatch(/^hash {8}sha256:[0-9a-f]{64}$/);
  expect(lines.find((line) => line.startsWith('operation'))).toMatch(/^operation {3}sample:[0-9a-f]{64}$/);
  expect(lines.slice(-4)).toEqual([
    ' ADDRESS       END  BYTES  SENT  WHAT               MD5',
    expect.stringMatching(/^0x000000 {2}0x00002f {5}48 {4}48 {2}fw\.bin {13}b116dd7dbe101e32452c2d257fed4d0b$/),
    expect.stringMatching(/^0x1fc000 {2}0x1fc07f {4}128 {4}\d\d {2}builtin init-data {2}[0-9a-f]{32}$/),
    '',
  ]);
});

test('check --json prints one object', async () => {
  using directory = jobDirectory();
  const output = await run('check', '--json', directory.job);
  expect(output.trimEnd()).not.toContain('\n');
  expect(JSON.parse(output)).toMatchObject({
    file: directory.job,
    name: 'sample',
    flash_bytes: 2 << 20,
    detected: false,
    skip: 'none',
    reflash: 'refuse',
    notes: [],
    header_before: { mode: 'dio', size: '4MB', frequency: '40m' },
    header_after: { mode: 'dout', size: '2MB', frequency: '80m' },
    regions: [
      { address: 0, end: 47, bytes: 48, what: 'fw.bin' },
      { address: 0x1fc000, end: 0x1fc07f, bytes: 128, what: 'builtin init-data' },
    ],
  });
});

test('check shows a job that detects the size for the flash that is asked for', async () => {
  using directory = jobDirectory(jobText.replace('2MB', 'detect'));
  expect(await run('check', directory.job)).toContain('4096 KB (example: the job follows the module)');
  expect(await run('check', directory.job, '--flash', '512KB')).toContain('0x07c000');
  await expect(run('check', directory.job, '--flash', '5MB')).rejects.toMatchObject({
    code: 'commander.invalidArgument',
  });
});

test('check says that what is there already is not written', async () => {
  using directory = jobDirectory(`${jobText}skip: same\n`);
  expect((await run('check', directory.job)).split('\n')).toContain('skip        same');
});

test('check says whether a module that has passed is flashed again', async () => {
  using directory = jobDirectory(`${jobText}policy: { reflash: allow }\n`);
  expect((await run('check', directory.job)).split('\n')).toContain('reflash     allow');
});

test('check says so when the job has no image that the ROM boots', async () => {
  using directory = jobDirectory(jobText.replace('at: 0', 'at: 0x10000'));
  expect(await run('check', directory.job)).toContain('header      no image at the boot address');
});

test.for([
  {
    name: 'a mode and a frequency that no header takes',
    text: jobText.replace('at: 0', 'at: 0x10000'),
    notes: ['mode dout and frequency 80m not set: the job has no image at 0x0, whose header would say it.'],
  },
  {
    name: 'a frequency that no header takes',
    text: jobText.replace('at: 0', 'at: 0x10000').replace('dout', 'keep'),
    notes: ['frequency 80m not set: the job has no image at 0x0, whose header would say it.'],
  },
  {
    name: 'no header and nothing to set in it',
    text: jobText.replace('at: 0', 'at: 0x10000').replace('dout, frequency: 80m', 'keep'),
    notes: [],
  },
  {
    name: 'a kept size that is not that of the flash, and an address that follows the flash',
    text: jobText.replace('2MB', 'keep'),
    flash: '1MB',
    notes: [
      'The header keeps 4MB, and init-data is where 1024 KB put it: firmware that trusts its header looks elsewhere.',
    ],
  },
  { name: 'a kept size that is that of the flash', text: jobText.replace('2MB', 'keep'), flash: '4MB', notes: [] },
  {
    name: 'a kept size and no address that follows the flash',
    text: jobText.replace('2MB', 'keep').replace('at: init-data', 'at: 0x7c000'),
    flash: '1MB',
    notes: [],
  },
  {
    name: 'steps of a dialogue that are mistakes as a rule',
    text: jobText.replace(
      'boot: off',
      `boot:
  dialogue:
    - { send: "ok?\\r\\n", expect: 'OK' }
    - { send: 'test()\\r\\n', expect: 'OK' }
    - { send: test, expect: '=> OK' }
    - { send: "print('OK')\\r\\n", expect: 'OK' }`,
    ),
    notes: [
      'Step 2 of the dialogue sends a backslash and a letter: \\r and \\n need double quotes.',
      'Step 3 of the dialogue sends no end of the line: most firmware waits for \\r\\n.',
      'Step 4 of the dialogue expects what it sends: firmware that repeats what it hears passes unasked.',
    ],
  },
])('check speaks up about $name', async ({ text, flash = '4MB', notes }) => {
  using directory = jobDirectory(text);
  expect(JSON.parse(await run('check', '--json', '--flash', flash, directory.job))).toMatchObject({ notes });
  const lines = (await run('check', '--flash', flash, directory.job)).split('\n');
  expect(lines.filter((line) => line.startsWith('note'))).toEqual(notes.map((note) => `note        ${note}`));
});

test('check shows that a job that keeps everything leaves the header alone', async () => {
  using directory = jobDirectory(jobText.replace('2MB, mode: dout, frequency: 80m', 'keep'));
  const lines = (await run('check', directory.job)).split('\n');
  expect(lines).toContain('flash       4096 KB (example: the job follows the module)');
  expect(lines).toContain('header      dio 4MB 40m, unchanged');
});

test.for([
  { name: 'does not start with E9', byte: 0, value: 0x00, problem: 'fw.bin starts with 0x00, not with 0xe9.' },
  { name: 'has a wrong checksum', byte: 47, value: 0xc4, problem: /^fw\.bin is damaged: its checksum is 0xc4 / },
])('a job is refused, whatever is to be patched, when the image at 0 $name', async ({ byte, value, problem }) => {
  using directory = jobDirectory();
  const image = Uint8Array.from(workedImage);
  image[byte] = value;
  directory.write('fw.bin', image);
  for (const text of [jobText, jobText.replace('2MB, mode: dout, frequency: 80m', 'keep')]) {
    directory.write('sample.yaml', text);
    const detail: unknown = typeof problem === 'string' ? problem : expect.stringMatching(problem);
    await expect(run('check', directory.job)).rejects.toMatchObject({ code: 'J04', detail });
  }
});

test('hash prints what check shows', async () => {
  using directory = jobDirectory();
  const hash = await run('hash', directory.job);
  expect(hash).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(await run('check', directory.job)).toContain(hash.trim());
});

test.for(['check', 'hash'])('%s rejects with the code of what is wrong', async (verb) => {
  using directory = jobDirectory();
  directory.write('sample.yaml', jobText.replace('2MB', '32m'));
  await expect(run(verb, directory.job)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  directory.write('sample.yaml', jobText);
  rmSync(directory.path('fw.bin'));
  await expect(run(verb, directory.job)).rejects.toMatchObject({ code: 'J02' });
});

const withDialogue = `${jobText.replace(
  'boot: off',
  String.raw`boot:
  expect: 'NodeMCU (\S+)'
  version: '2.3.1'
  fail: FAIL
  dialogue:
    - { send: "file.format()\r\n", expect: format done, fail: format error, within: 60s }
    - { send: "test()\n", expect: ok }`,
)}policy: { attempts: 3, flashIds: ['ef4016', 'c84016'], variant: esp8266ex }\n`;

test('check shows the boot check, its dialogue and the policy', async () => {
  using directory = jobDirectory(withDialogue);
  expect((await run('check', directory.job)).split('\n').slice(7, 20)).toEqual([
    'boot check  text of the application',
    'boot baud   115200',
    String.raw`expect      NodeMCU (\S+)`,
    'version     2.3.1',
    'fail        FAIL',
    'within      30 s',
    String.raw`dialogue    send "file.format()\r\n", expect format done, fail format error, within 60 s`,
    String.raw`dialogue    send "test()\n", expect ok, within 10 s`,
    'reflash     refuse',
    'attempts    3',
    'flash ids   ef4016, c84016',
    'variant     esp8266ex',
    'header      dio 4MB 40m -> dout 2MB 80m',
  ]);
});

test('check --json has the same, with the limit that holds on the flash of the layout', async () => {
  using directory = jobDirectory(withDialogue.replace('2MB', 'detect'));
  for (const [flash, withinMs] of [
    ['1MB', 10_000],
    ['4MB', 60_000],
  ] as const) {
    expect(JSON.parse(await run('check', '--json', '--flash', flash, directory.job))).toMatchObject({
      boot: 'text',
      boot_check: {
        baud: 115_200,
        expect: String.raw`NodeMCU (\S+)`,
        version: '2.3.1',
        forbid: null,
        fail: 'FAIL',
        within_ms: withinMs,
        dialogue: [
          { send: 'file.format()\r\n', expect: 'format done', fail: 'format error', within_ms: 60_000 },
          { send: 'test()\n', expect: 'ok', fail: null, within_ms: 10_000 },
        ],
      },
      attempts: 3,
      flash_ids: ['ef4016', 'c84016'],
      variant: 'esp8266ex',
    });
  }
});
