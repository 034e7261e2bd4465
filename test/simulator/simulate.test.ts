import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { simulateCommand } from '../../src/cli/simulate.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { buildDemoImage } from '../../src/simulator/demo/demo-image.ts';
import { PortClient } from './support/port-client.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigd-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The command in this process, with its input and output at hand. */
function simulate(...args: string[]): {
  link: string;
  input: PassThrough;
  out: string[];
  err: string[];
  ended: Promise<unknown>;
} {
  const link = join(folder, 'chip');
  const input = new PassThrough();
  const out: string[] = [];
  const err: string[] = [];
  const output = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    errColumns: null,
  };
  const command = simulateCommand(output, input)
    .exitOverride()
    .configureOutput({ writeErr: (text) => void err.push(text) });
  const ended = command.parseAsync(['--link', link, '--speed', 'fast', ...args], { from: 'user' });
  return { link, input, out, err, ended };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(2);
}

test('it names the port, and takes the link away at quit', async () => {
  const { link, input, out, ended } = simulate('--json', '--mac', '5C:CF:7F:01:02:03', '--flash', '1MB');
  await until(() => out.length > 0);
  const port = readlinkSync(link);
  expect(JSON.parse(out.join(''))).toEqual({ link, port, mac: '5c:cf:7f:01:02:03', flash_bytes: 1_048_576 });
  input.write('quit\n');
  await ended;
  expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined();
  expect(existsSync(port)).toBe(false);
});

test('its pins obey lines, and a line it does not know is answered on stderr', async () => {
  const { link, input, out, err, ended } = simulate('--strap', 'run');
  await until(() => out.length > 0);
  await using client = await PortClient.open(link, 74_880);
  input.write('rst low\ngpio0  LOW\nwiggle\nrst release\n');
  await until(() => client.received.includes('rst cause:2, boot mode:(1,7)'));
  input.write('power off\ngpio0 release\npower on\n');
  await until(() => client.received.includes('rst cause:1, boot mode:(3,7)'));
  expect(err.join('')).toMatch(/^"wiggle" is no pin command; known: rst low, .*quit\.\n$/);
  input.write('quit\n');
  await ended;
});

test('the content of the flash is read from the file, booted, and saved at the end', async () => {
  const file = join(folder, 'flash.bin');
  const image = buildDemoImage({ mappedBytes: 4096 });
  writeFileSync(file, image);
  const { link, input, out, ended } = simulate('--strap', 'run', '--flash', '512KB', '--flash-file', file);
  await until(() => out.length > 0);
  await using client = await PortClient.open(link, 74_880);
  input.write('rst low\nrst release\n');
  await until(() => client.received.includes('csum 0x'));
  expect(client.received.toString('latin1')).toContain('load 0x40100000');
  input.write('quit\n');
  await ended;
  const saved = readFileSync(file);
  expect(saved).toHaveLength(512 * 1024);
  expect(saved.subarray(0, image.length).equals(image)).toBe(true);
});

test.for([
  { args: ['--flash', '3MB'], says: 'Expected a size such as 512KB' },
  { args: ['--mac', '5c:cf:7f'], says: 'Expected six bytes' },
  { args: ['--strap', 'up'], says: 'Allowed choices are download, run' },
])('$args is refused as wrong usage', async ({ args, says }) => {
  const { err, ended } = simulate(...args);
  await expect(ended).rejects.toThrow();
  expect(err.join('')).toContain(says);
});

test('a file that is larger than the flash is refused with exit code 2', async () => {
  const file = join(folder, 'big.bin');
  writeFileSync(file, Buffer.alloc(600_000));
  const { ended } = simulate('--flash', '512KB', '--flash-file', file);
  await expect(ended).rejects.toMatchObject({ exitCode: 2 });
});

test.for(['SIGTERM', 'SIGINT'] as const)('%s ends the process with 0 and removes the link', async (signal) => {
  const link = join(folder, 'chip');
  const module = new URL('../../src/cli/simulate.ts', import.meta.url).href;
  const code = `const { simulateCommand } = await import('${module}'); await simulateCommand().parseAsync(['--link', '${link}'], { from: 'user' });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(existsSync(link)).toBe(true);
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined();
});
