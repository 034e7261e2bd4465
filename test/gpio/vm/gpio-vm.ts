import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);
/** An emulated processor is some ten times slower than the machine. */
const guestLimitSeconds = 360;
/** Enough for a station, a bench with four modules and a command. */
const memoryMb = 1024;

/** The program that runs a command in a virtual machine with simulated lines; null when it is not there. */
export function findGpioVm(): string | null {
  const path = process.env['JIGD_GPIO_VM'] ?? resolve(root, '../shared/rig/gpio-vm');
  return existsSync(path) ? path : null;
}

/** Programs for the guest; beside them lies the compiled program of the station. */
const programs = {
  lines: 'test/gpio/vm/guest.ts',
  station: 'test/gpio/vm/station-guest.ts',
  straps: 'test/gpio/vm/strap-watch.ts',
} as const;

/** The programs for the guest as plain JavaScript, beside the modules they need; their folder goes with the scope. */
export async function compileGuest(): Promise<Disposable & { readonly path: (name: keyof typeof programs) => string }> {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'jigd-guest-'));
  // One behaviour runs it as another user.
  chmodSync(folder, 0o755);
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: false, noCheck: true, rootDir: root, outDir: folder, types: [] },
      include: [],
      files: [...Object.values(programs), 'src/main.ts'].map((file) => join(root, file)),
    }),
  );
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  return {
    path: (name) => join(folder, programs[name].replace(/\.ts$/, '.js')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface GuestResult {
  /** The driver, or the suite, that it belongs to. */
  readonly subject: string;
  readonly name: string;
  /** null: it did what it should. */
  readonly failure: string | null;
}

/** Each machine takes a core and some memory. */
const machinesAtOnce = 2;

/** Starts work for each machine, a few at a time and in order; a failure is told by its own promise only. */
export function byTurns<T>(works: readonly (() => Promise<T>)[]): readonly Promise<T>[] {
  const lanes: Promise<unknown>[] = Array.from({ length: machinesAtOnce }, () => Promise.resolve());
  return works.map((work, index) => {
    const lane = index % machinesAtOnce;
    const result = lanes[lane]!.then(work);
    lanes[lane] = result.catch(() => undefined);
    return result;
  });
}

/** Why tests in a machine are skipped; empty: they are not. */
export const whySkipped =
  findGpioVm() === null ? ' (skipped: no virtual machine; JIGD_GPIO_VM names none and ../shared/rig has none)' : '';

/** What went wrong, for a test that wants none of it. */
export function failuresOf(results: readonly GuestResult[]): readonly string[] {
  return results.flatMap(({ name, failure }) => (failure === null ? [] : [`${name}: ${failure}`]));
}

/** Boots a machine with these options and runs the guest in it. */
export async function runGuest(
  gpioVm: string,
  options: readonly string[],
  guest: string,
  args: readonly string[],
): Promise<readonly GuestResult[]> {
  const machine = ['--timeout', String(guestLimitSeconds), '--mem', String(memoryMb), '--clean-env', ...options];
  const { stdout } = await run(gpioVm, [...machine, '--', process.execPath, guest, 'run', ...args], {
    cwd: root,
  }).catch((error: unknown) => {
    const { message, stdout: done } = error as Error & { readonly stdout: string };
    // The message ends with what machine and guest said on standard error.
    throw new Error(`${message}\nBefore that: ${done === '' ? 'nothing.' : done}`, { cause: error });
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as GuestResult);
}
