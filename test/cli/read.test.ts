import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCommand } from '../../src/cli/read.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import type { Misbehaviour } from '../../src/simulator/chip/misbehaviour.ts';
import { noisyBytes } from '../support/regions.ts';
import { CommandBench, mac } from './module-command.ts';

const content = noisyBytes(200_000, 3);
const flash = { ...w25q32, content };
let bench: CommandBench;

beforeEach(async () => {
  bench = await CommandBench.open();
});

afterEach(() => bench[Symbol.asyncDispose]());

const digest = (kind: string, data: Uint8Array): string => createHash(kind).update(data).digest('hex');

test('a range is read into a file, with its digests', async () => {
  bench.insert({ flash });
  const file = bench.file('copy.bin');
  const { out, err, exitCode } = await bench.run(
    readCommand,
    file,
    '--at',
    '0x1000',
    '--size',
    '150K',
    ...bench.byLines,
  );
  const expected = content.subarray(0x1000, 0x1000 + 150 * 1024);
  expect(Buffer.compare(bench.read('copy.bin'), expected)).toBe(0);
  expect(out.split('\n')).toEqual([
    `file     ${file}`,
    'range    0x001000 to 0x0267ff, 153600 bytes',
    `MD5      ${digest('md5', expected)}`,
    `SHA-256  ${digest('sha256', expected)}`,
    '',
  ]);
  const steps = ['connect', 'identify', `ESP8266EX, MAC ${mac}, flash ef4016 with 4096 KB`, 'loader', 'read', ''];
  expect(err.split('\n')).toEqual(steps);
  expect(exitCode).toBeUndefined();
  expect(readdirSync(bench.folder)).toEqual(['copy.bin']);
});

test.for([
  { at: '1', size: '1' },
  { at: '0x3', size: '5' },
  { at: '4095', size: '2' },
  { at: '0xfffe', size: '0x10003' },
])('a range that is aligned to nothing, $size bytes at $at, is read exactly', async ({ at, size }) => {
  bench.insert({ flash });
  await bench.run(readCommand, bench.file('copy.bin'), '--at', at, '--size', size, ...bench.byLines);
  const expected = content.subarray(Number(at), Number(at) + Number(size));
  expect(Buffer.compare(bench.read('copy.bin'), expected)).toBe(0);
});

test('--size all reads up to the end of the flash, and --json prints one object', async () => {
  bench.insert({ flash });
  const file = bench.file('end.bin');
  const { out, err } = await bench.run(
    readCommand,
    file,
    '--at',
    '0x3ff000',
    '--size',
    'all',
    '--json',
    ...bench.byLines,
  );
  const blank = new Uint8Array(0x1000).fill(0xff);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({
    file,
    address: 0x3ff000,
    bytes: 0x1000,
    md5: digest('md5', blank),
    sha256: digest('sha256', blank),
    mac,
    chip: 'ESP8266EX',
    flash_id: 'ef4016',
    flash_bytes: 0x400000,
  });
});

test('a range that ends past the end of the flash is refused, and no file is left', async () => {
  bench.insert({ flash });
  const reading = bench.run(readCommand, bench.file('x.bin'), '--at', '0x3ff000', '--size', '0x1001', ...bench.byLines);
  await expect(reading).rejects.toMatchObject({
    code: 'F03',
    detail: 'The flash has 4096 KB and ends at 0x400000; 0x3ff000 to 0x400000 is not inside it.',
  });
  expect(readdirSync(bench.folder)).toEqual([]);
});

/** Bytes sent before the read begins are few: these positions are in the middle of the stream. */
test.for([
  { name: 'a bent byte', misbehave: { kind: 'byteFault', direction: 'sent', what: 'corrupt', nth: 30_000 } },
  { name: 'a lost byte', misbehave: { kind: 'byteFault', direction: 'sent', what: 'drop', nth: 30_000 } },
  { name: 'a doubled byte', misbehave: { kind: 'byteFault', direction: 'sent', what: 'duplicate', nth: 30_000 } },
  { name: 'the answer before the first block', misbehave: { kind: 'swallowAck', op: 0xd2, nth: 1 } },
  { name: 'an adapter that hands everything on late', misbehave: { kind: 'replyLatency', ms: 16 } },
  { name: 'one delimiter too many', misbehave: { kind: 'extraDelimiter' } },
] as const satisfies readonly { name: string; misbehave: Misbehaviour }[])(
  'the bytes come right through $name',
  { timeout: 20_000 },
  async ({ misbehave }) => {
    bench.insert({ flash, misbehave: [misbehave] });
    await bench.run(readCommand, bench.file('copy.bin'), '--at', '0', '--size', '100K', ...bench.byLines);
    expect(Buffer.compare(bench.read('copy.bin'), content.subarray(0, 100 * 1024))).toBe(0);
  },
);

test('flash above 4 MB is read', async () => {
  const large = new Uint8Array(0x800000).fill(0xff);
  large.set(content, 0x500000);
  bench.insert({ flash: { ...w25q32, id: 0x1740ef, bytes: large.length, content: large } });
  await bench.run(readCommand, bench.file('copy.bin'), '--at', '0x500001', '--size', '100K', ...bench.byLines);
  expect(Buffer.compare(bench.read('copy.bin'), content.subarray(1, 1 + 100 * 1024))).toBe(0);
});

test('a module that goes silent in the middle is C06, and no half file is left', { timeout: 20_000 }, async () => {
  bench.insert({ flash });
  const reading = bench.run(readCommand, bench.file('x.bin'), '--at', '0', '--size', 'all', ...bench.byLines);
  const ended = expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^C0[46]$/) as string });
  await bench.untilPhase('read');
  bench.nest.remove();
  await ended;
  expect(readdirSync(bench.folder)).toEqual([]);
});

test('Ctrl-C ends it as O01, with the lines let go and no half file', async () => {
  bench.insert({ flash });
  const reading = bench.run(readCommand, bench.file('x.bin'), '--at', '0', '--size', 'all', ...bench.byLines);
  const ended = expect(reading).rejects.toMatchObject({ code: 'O01' });
  await bench.untilPhase('read');
  process.emit('SIGINT');
  await ended;
  expect([bench.nest.wire('rst').level, bench.nest.wire('gpio0').level]).toEqual(['high', 'high']);
  expect(readdirSync(bench.folder)).toEqual([]);
});

test('an existing file is refused before the module is touched, and replaced with --force', async () => {
  const chip = bench.insert({ flash });
  const file = bench.write('copy.bin', 'old');
  const args = [file, '--at', '0', '--size', '16', ...bench.byLines];
  await expect(bench.run(readCommand, ...args)).rejects.toThrow(
    `${file} exists already: name another file, or replace it with --force.`,
  );
  expect(chip.state).not.toBe('ram-loader');
  expect(bench.read('copy.bin')).toHaveLength(3);
  await bench.run(readCommand, ...args, '--force');
  expect([...bench.read('copy.bin')]).toEqual([...content.subarray(0, 16)]);
});

test.for([
  { name: 'a folder that does not exist', file: 'none/x.bin', says: /its folder does not exist\.$/ },
  { name: 'a folder in the place of the file', file: 'folder', says: /is no ordinary file: name another one\.$/ },
])('$name is one plain sentence', async ({ file, says }) => {
  mkdirSync(bench.file('folder'));
  const args = [bench.file(file), '--at', '0', '--size', '1', '--force', ...bench.byLines];
  await expect(bench.run(readCommand, ...args)).rejects.toThrow(says);
});

test.for([
  { name: 'no address', args: ['--size', '1'], says: /--at <address>/ },
  { name: 'no size', args: ['--at', '0'], says: /--size <bytes>/ },
  { name: 'an address that is none', args: ['--at', 'x', '--size', '1'], says: /Expected an address below 16M/ },
  { name: 'a size of nothing', args: ['--at', '0', '--size', '0'], says: /Expected 1 byte to 16M/ },
  { name: 'no module', args: ['--at', '0', '--size', '1'], says: /--nest or with --port/ },
])('$name is wrong usage', async ({ args, says }) => {
  await expect(bench.run(readCommand, bench.file('x.bin'), ...args)).rejects.toThrow(says);
  expect(existsSync(bench.file('x.bin'))).toBe(false);
});

test('a module that was put into flash mode by hand is read twice, the second time through the loader it kept', async () => {
  bench.nest.wire('gpio0').pull('low');
  const chip = bench.insert({ flash });
  for (const name of ['first.bin', 'second.bin']) {
    await bench.run(readCommand, bench.file(name), '--at', '0x100', '--size', '70000', ...bench.byHand);
    expect(Buffer.compare(bench.read(name), content.subarray(0x100, 0x100 + 70_000))).toBe(0);
    expect(chip.state).toBe('ram-loader');
  }
});
