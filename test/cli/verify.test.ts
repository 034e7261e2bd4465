import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyCommand } from '../../src/cli/verify.ts';
import { lockLedger } from '../../src/ledger/file/ledger-lock.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { bootableImage } from '../support/bench-job.ts';
import { noisyBytes } from '../support/regions.ts';
import { CommandBench, mac } from './module-command.ts';

const firmware = bootableImage(20_001);
const table = noisyBytes(70_003, 4);
let bench: CommandBench;
let job: string;

beforeEach(async () => {
  bench = await CommandBench.open();
  bench.write('fw.bin', firmware);
  bench.write('table.bin', table);
  job = bench.write(
    'job.yaml',
    [
      'name: sample',
      'chip: esp8266',
      'flash: { size: 4MB, mode: dout, frequency: keep }',
      'images:',
      '  - { file: fw.bin, at: 0x00000 }',
      '  - { file: table.bin, at: 0x10000 }',
      '',
    ].join('\n'),
  );
});

afterEach(() => bench[Symbol.asyncDispose]());

/** What the job puts into the flash: the mode patched to DOUT, and whole words. */
function flashed(): Uint8Array {
  const content = new Uint8Array(0x40000).fill(0xff);
  content.set(firmware);
  content[2] = 3;
  content.set(table, 0x10000);
  return content;
}

const md5 = (data: Uint8Array): string => createHash('md5').update(data).digest('hex');

test('a module that holds the job, patch and padding included, is the same', async () => {
  const content = flashed();
  const chip = bench.insert({ flash: { ...w25q32, content } });
  const { out, err, exitCode } = await bench.run(verifyCommand, '--job', job, ...bench.byLines);
  expect(out.split('\n')).toEqual([
    ' ADDRESS  BYTES  VERDICT  WHAT',
    `0x000000  ${firmware.length}  same     fw.bin`,
    '0x010000  70004  same     table.bin',
    'All 2 regions are the same.',
    '',
  ]);
  expect(err).toMatch(/\nverify\n$/);
  expect(exitCode).toBeUndefined();
  expect(chip.flash.erased).toEqual([]);
});

test.for([
  {
    name: 'the first byte',
    at: 0x10000,
    says: /^table\.bin differs; the first difference: 0x010000 holds 0x[\da-f]{2}, not/,
  },
  { name: 'a byte in the middle', at: 0x18765, says: /first difference: 0x018765 holds/ },
  { name: 'the last byte', at: 0x10000 + 70_002, says: /first difference: 0x021172 holds/ },
  { name: 'the padding', at: 0x10000 + 70_003, says: /first difference: 0x021173 holds 0x00, not 0xff/ },
  { name: 'the header', at: 3, says: /^fw\.bin differs; the first difference: 0x000003 holds/ },
])('$name that differs is found, and the exit code is 1', async ({ at, says }) => {
  const content = flashed();
  content[at] = (content[at] ?? 0) ^ 0xff;
  // Another one behind it must not be the one that is told.
  if (at === 0x18765) content[0x1a000] = (content[0x1a000] ?? 0) ^ 0xff;
  bench.insert({ flash: { ...w25q32, content } });
  const { out, err, exitCode } = await bench.run(verifyCommand, '--job', job, ...bench.byLines);
  expect(out).toMatch(/ different {2}/);
  expect(err.trimEnd().split('\n').at(-1)).toMatch(says);
  expect(exitCode).toBe(1);
});

test('the digests of a region that differs stand under it, and no line is wider than a terminal', async () => {
  const content = flashed();
  content[0x18765] = (content[0x18765] ?? 0) ^ 0xff;
  bench.insert({ flash: { ...w25q32, content } });
  const { out } = await bench.run(verifyCommand, '--job', job, ...bench.byLines);
  const range = [0x10000, 0x10000 + 70_004] as const;
  expect(out.split('\n').slice(1)).toEqual([
    `0x000000  ${firmware.length}  same       fw.bin`,
    '0x010000  70004  different  table.bin',
    `    expected ${md5(flashed().subarray(...range))}`,
    `    actual   ${md5(content.subarray(...range))}`,
    '1 of 2 regions differs.',
    '',
  ]);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('an empty module is said to be empty, and nothing is said of records that NodeMCU keeps', async () => {
  bench.insert({ flash: w25q32 });
  const { out, err } = await bench.run(verifyCommand, '--job', job, ...bench.byLines);
  expect(out).toMatch(/\n2 of 2 regions differ\.\n$/);
  expect(err).toMatch(/\ntable\.bin is not there: its range is empty; the first difference: [^.]+\.\n$/);
  expect(err).not.toContain('NodeMCU');
});

test.for([
  { at: 2, says: true },
  { at: 3, says: true },
  { at: 4, says: false },
  { at: 0x10002, says: false },
])('that byte $at is set by the job is said: $says', async ({ at, says }) => {
  const content = flashed();
  content[at] = (content[at] ?? 0) ^ 0xff;
  bench.insert({ flash: { ...w25q32, content } });
  const { err } = await bench.run(verifyCommand, '--job', job, ...bench.byLines);
  const note = '; these are the header bytes that flash.mode, size and frequency set.\n';
  expect(err.includes(note)).toBe(says);
});

test('a difference where NodeMCU keeps its own records is explained', async () => {
  const content = flashed();
  content[0x10004] = (content[0x10004] ?? 0) ^ 1;
  bench.insert({ flash: { ...w25q32, content } });
  const { err } = await bench.run(verifyCommand, '--job', job, ...bench.byLines);
  expect(err).toContain('NodeMCU rewrites 0x10000, and 0xf000 where needed, at its first start');
});

test('--json prints one object for each region', async () => {
  const content = flashed().fill(0xff, 0x10000);
  bench.insert({ flash: { ...w25q32, content } });
  const { out, err, exitCode } = await bench.run(verifyCommand, '--job', job, '--json', ...bench.byLines);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    {
      address: 0,
      bytes: firmware.length,
      what: 'fw.bin',
      verdict: 'same',
      first_difference: null,
      mac,
      chip: 'ESP8266EX',
      flash_id: 'ef4016',
    },
    {
      mac,
      address: 0x10000,
      bytes: 70_004,
      verdict: 'empty',
      first_difference: { address: 0x10000, expected: table[0], actual: 0xff },
    },
  ]);
  expect([err, exitCode]).toEqual(['', 1]);
});

test('a module with less flash than the job asks for is F03', async () => {
  bench.insert({ flash: { ...w25q32, id: 0x1440ef, bytes: 0x100000 } });
  await expect(bench.run(verifyCommand, '--job', job, ...bench.byLines)).rejects.toMatchObject({ code: 'F03' });
});

test('a module in flash mode by hand is compared, again and again', async () => {
  bench.nest.wire('gpio0').pull('low');
  const chip = bench.insert({ flash: { ...w25q32, content: flashed() } });
  for (let round = 0; round < 2; round += 1) {
    const { exitCode } = await bench.run(verifyCommand, '--job', job, '--json', ...bench.byHand);
    expect([exitCode, chip.state]).toEqual([undefined, 'ram-loader']);
  }
});

test('a module in a nest is compared unless the station runs', async () => {
  bench.insert({ flash: { ...w25q32, content: flashed() } });
  const { portPath, lines } = bench.nest;
  const { gpio0, rst, button, pass, fail, busy } = lines;
  const bcm = Object.entries({ gpio0, rst, button, pass, fail, busy }).map(([name, line]) => `${name}: ${line.bcm}`);
  const ledger = bench.file('ledger.sqlite');
  const config = bench.write(
    'jigd.yaml',
    [
      'station: { id: bench-1, line: smt2 }',
      `ledger: { path: ${ledger} }`,
      `nests: [{ id: 1, serial: { path: ${portPath} }, lines: { ${bcm.join(', ')} } }]`,
      `jobs: ${bench.folder}`,
    ].join('\n'),
  );
  const args = ['--job', job, '--nest', '1', '--config', config];
  expect((await bench.run(verifyCommand, ...args)).exitCode).toBeUndefined();
  using _daemon = await lockLedger(ledger);
  await expect(bench.run(verifyCommand, ...args)).rejects.toMatchObject({ code: 'S01' });
});
