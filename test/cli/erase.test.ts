import { afterEach, beforeEach, expect, test } from 'vitest';
import { eraseCommand } from '../../src/cli/erase.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { CommandBench, mac } from './module-command.ts';

const content = new Uint8Array(0x400000).fill(0x5a);
const flash = { ...w25q32, content };
let bench: CommandBench;

beforeEach(async () => {
  bench = await CommandBench.open();
});

afterEach(() => bench[Symbol.asyncDispose]());

test('regions are erased and proved blank, and their neighbours stay', async () => {
  const chip = bench.insert({ flash });
  const regions = ['--region', '0x3fc000:16K', '--region', '0x11000:131072', '--region', '0:4096'];
  const { out, err, exitCode } = await bench.run(eraseCommand, ...regions, ...bench.byLines);
  expect(out.split('\n')).toEqual([
    ' ADDRESS   BYTES  VERDICT',
    '0x3fc000   16384  blank',
    '0x011000  131072  blank',
    '0x000000    4096  blank',
    '',
  ]);
  expect(err).toMatch(/\nloader\nerase\nverify\n$/);
  expect(exitCode).toBeUndefined();
  const expected = content.slice().fill(0xff, 0, 0x1000).fill(0xff, 0x11000, 0x31000).fill(0xff, 0x3fc000, 0x400000);
  expect(Buffer.compare(chip.flash.read(0, 0x400000), expected)).toBe(0);
});

test('--all erases everything, and --json prints one object', { timeout: 20_000 }, async () => {
  const chip = bench.insert({ flash: { ...flash, statusRegister: 0x1c } });
  const { out, err } = await bench.run(eraseCommand, '--all', '--json', ...bench.byLines);
  const range = '"address":0,"bytes":4194304,"blank":true,"first_difference":null';
  expect(out).toBe(`{${range},"mac":"${mac}","chip":"ESP8266EX","flash_id":"ef4016"}\n`);
  expect(err).toBe('');
  expect(chip.flash.read(0, 0x400000).every((byte) => byte === 0xff)).toBe(true);
});

test('all behind an address is erased across the pieces that it is done in', { timeout: 20_000 }, async () => {
  const chip = bench.insert({ flash });
  await bench.run(eraseCommand, '--region', '0xff000:all', ...bench.byLines);
  expect(Buffer.compare(chip.flash.read(0, 0x400000), content.slice().fill(0xff, 0xff000))).toBe(0);
});

test('an answer that is lost costs a repeat, nothing else', { timeout: 20_000 }, async () => {
  const chip = bench.insert({ flash, misbehave: [{ kind: 'swallowAck', op: 0xd1, nth: 1 }] });
  const { exitCode } = await bench.run(eraseCommand, '--region', '0x10000:64K', '--json', ...bench.byLines);
  expect(exitCode).toBeUndefined();
  expect(Buffer.compare(chip.flash.read(0, 0x30000), content.slice(0, 0x30000).fill(0xff, 0x10000, 0x20000))).toBe(0);
});

test('a flash that ignores the erase is not blank', async () => {
  bench.insert({ flash, misbehave: [{ kind: 'writeProtected' }] });
  const { out, exitCode } = await bench.run(eraseCommand, '--region', '0:64K', '--json', ...bench.byLines);
  expect(JSON.parse(out)).toMatchObject({
    blank: false,
    first_difference: { address: 0, expected: 0xff, actual: 0x5a },
  });
  expect(exitCode).toBe(1);
});

test('a cell that stays programmed is found, and the exit code is 1', async () => {
  bench.insert({ flash, misbehave: [{ kind: 'stuckBit', address: 0x22345, bit: 3 }] });
  const regions = ['--region', '0x20000:0x10000', '--region', '0x0:0x1000'];
  const { out, err, exitCode } = await bench.run(eraseCommand, ...regions, ...bench.byLines);
  expect(out).toMatch(/^0x020000 +65536 {2}not blank\n0x000000 +4096 {2}blank\n$/m);
  expect(err.trimEnd().split('\n').at(-1)).toBe(
    'The flash from 0x020000 to 0x02ffff is not blank after the erase: 0x022345 holds 0xf7. ' +
      'Check the WP pin and the supply; a second failure is a bad flash.',
  );
  expect(exitCode).toBe(1);
});

test('a region behind the end of the flash is refused before anything is erased', async () => {
  const chip = bench.insert({ flash });
  const regions = ['--region', '0:0x1000', '--region', '0x3ff000:0x2000'];
  await expect(bench.run(eraseCommand, ...regions, ...bench.byLines)).rejects.toMatchObject({
    code: 'F03',
    detail: 'The flash has 4096 KB and ends at 0x400000; 0x3ff000 to 0x400fff is not inside it.',
  });
  expect(chip.flash.read(0, 1)).toEqual(Uint8Array.of(0x5a));
});

test.for([
  { name: 'nothing said', args: [], says: /with --all or with --region/ },
  { name: 'both said', args: ['--all', '--region', '0:4K'], says: /cannot be used with/ },
  {
    name: 'an address inside a sector',
    args: ['--region', '0x3fc100:0x1000'],
    says: /0x3fc100 is no multiple of 0x1000/,
  },
  { name: 'a part of a sector', args: ['--region', '0:0x800'], says: /0x800 is no multiple of 0x1000, and only whole/ },
  { name: 'a forgotten 0x', args: ['--region', '10000:0x1000'], says: /Was 0x10000 meant instead of 10000\?/ },
  {
    name: 'an overlap',
    args: ['--region', '0x2000:0x2000', '--region', '0:12K'],
    says: /0x002000 to 0x003fff overlaps/,
  },
  {
    name: 'an overlap with all',
    args: ['--region', '0:all', '--region', '4K:4K'],
    says: /overlaps 0x000000 to the end/,
  },
  { name: 'no size', args: ['--region', '0x1000'], says: /an address and a size/ },
  { name: 'three numbers', args: ['--region', '0:1:2'], says: /an address and a size/ },
  { name: 'a size of nothing', args: ['--region', '0:0'], says: /Expected 1 byte to 16M/ },
])('$name is wrong usage, and no module is touched', async ({ args, says }) => {
  const chip = bench.insert({ flash });
  await expect(bench.run(eraseCommand, ...args, ...bench.byLines)).rejects.toThrow(says);
  expect(chip.state).not.toBe('ram-loader');
});

test('a module in flash mode by hand is erased through the loader it kept', async () => {
  bench.nest.wire('gpio0').pull('low');
  const chip = bench.insert({ flash });
  await bench.run(eraseCommand, '--region', '0:4K', ...bench.byHand);
  await bench.run(eraseCommand, '--region', '4K:4K', ...bench.byHand);
  expect(Buffer.compare(chip.flash.read(0, 0x4000), content.slice(0, 0x4000).fill(0xff, 0, 0x2000))).toBe(0);
  expect(chip.state).toBe('ram-loader');
});
