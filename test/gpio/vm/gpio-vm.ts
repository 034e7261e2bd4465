import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);
/** An emulated processor is some ten times slower than the machine. */
const guestLimitSeconds = 240;

/** The program that runs a command in a virtual machine with simulated lines; null when it is not there. */
export function findGpioVm(): string | null {
  const path = process.env['JIGD_GPIO_VM'] ?? resolve(root, '../shared/rig/gpio-vm');
  return existsSync(path) ? path : null;
}

/** The program for the guest as plain JavaScript, beside the modules it needs; its folder goes with the scope. */
export async function compileGuest(): Promise<Disposable & { readonly path: string }> {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'jigd-guest-'));
  // One behaviour runs it as another user.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: false, noCheck: true, rootDir: root, outDir: folder, types: [] },
      include: [],
      files: [join(root, 'test/gpio/vm/guest.ts')],
    }),
  );
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  return {
    path: join(folder, 'test/gpio/vm/guest.js'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface GuestResult {
  readonly driver: string;
  readonly name: string;
  /** null: it did what it should. */
  readonly failure: string | null;
}

/** Boots a machine with these options and runs the guest in it. */
export async function runGuest(
  gpioVm: string,
  options: readonly string[],
  guest: string,
  args: readonly string[],
): Promise<readonly GuestResult[]> {
  const machine = ['--timeout', String(guestLimitSeconds), '--mem', '768', '--clean-env', ...options];
  const { stdout } = await run(gpioVm, [...machine, '--', process.execPath, guest, 'run', ...args], { cwd: root });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as GuestResult);
}
