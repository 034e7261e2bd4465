import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { bootImage, secondImage, usualJob } from '../support/station-bench.ts';

const program = join(import.meta.dirname, 'station-child.ts');
const safe = { gpio0: 'high', rst: 'high', pass: 'low', fail: 'low', busy: 'low', ready: 'low' };

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(folder.file('jobs'));
  writeFileSync(folder.file('systemd-notify'), '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => folder[Symbol.dispose]());

function putJob(): void {
  writeFileSync(folder.file('jobs/bench-job.yaml'), usualJob);
  writeFileSync(folder.file('jobs/boot.bin'), bootImage);
  writeFileSync(folder.file('jobs/second.bin'), secondImage);
}

/** The daemon in a process of its own, whose lines print what happens to them. */
class StationChild implements Disposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  out = '';
  err = '';

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, ['--import', 'tsx', program, folder.path, ...args], {
      env: {
        ...process.env,
        PATH: `${folder.path}:${process.env['PATH'] ?? ''}`,
        NOTIFY_SOCKET: folder.file('notify'),
      },
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.exited = once(this.child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  /** Resolves when it has printed a text. */
  async until(text: string): Promise<void> {
    while (!`${this.out}${this.err}`.includes(text)) {
      await Promise.race([once(this.child.stdout, 'data'), once(this.child.stderr, 'data'), this.#died()]);
    }
  }

  /** The last level of each line that the station drives. */
  levels(): Record<string, string> {
    const [ofTheCommand = ''] = this.out.split('ended\n');
    const changes = [...ofTheCommand.matchAll(/^(\w+) (low|high)$/gm)].map(([, role, level]) => [role, level] as const);
    const { button: _, ...levels } = { ...safe, ...Object.fromEntries(changes) } as Record<string, string>;
    return levels;
  }

  async #died(): Promise<never> {
    await this.exited;
    throw new Error(`It ended:\n${this.out}${this.err}`);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

test.for([
  { what: 'SIGTERM', code: 0 },
  { what: 'SIGINT', code: 0 },
  { what: 'SIGHUP', code: 0 },
  { what: 'throw', code: 1 },
  { what: 'reject', code: 1 },
])('lines are safe: $what while RST is low releases it and puts the lamps out', async ({ what, code }) => {
  putJob();
  using station = new StationChild(what);
  await station.until('ready high');
  station.child.stdin.write('press\n');
  expect(await station.exited).toEqual({ code, signal: null });
  expect(station.out).toContain('rst low\n');
  expect(station.levels()).toEqual(safe);
});

test('a killed station leaves RST low: what release-lines is for', async () => {
  putJob();
  using station = new StationChild('SIGKILL');
  await station.until('ready high');
  station.child.stdin.write('press\n');
  expect(await station.exited).toEqual({ code: null, signal: 'SIGKILL' });
  expect(station.levels()).toMatchObject({ rst: 'low' });
});

test('lines are safe: a third signal ends a stop that takes long, with the lamps out', async () => {
  // The stop waits up to two seconds for this one.
  writeFileSync(folder.file('systemd-notify'), '#!/bin/sh\ncase "$1" in STOPPING*) sleep 2;; esac\n', { mode: 0o755 });
  using station = new StationChild();
  await station.until('ready high');
  station.child.kill('SIGTERM');
  await station.until('"event":"stopping"');
  station.child.kill('SIGINT');
  await station.until('"event":"stopping-now"');
  station.child.kill('SIGINT');
  expect(await station.exited).toEqual({ code: 1, signal: null });
  expect(station.levels()).toEqual(safe);
});

/** How the runs of the child ended. */
async function outcomes(): Promise<unknown[]> {
  const ledger = await LedgerReader.open(folder.file('ledger.sqlite'));
  try {
    return ledger.runs().map(({ outcome, code }) => [outcome, code]);
  } finally {
    ledger.close();
  }
}

test('a stop waits for the run under way, which ends as it would have ended', async () => {
  putJob();
  using station = new StationChild('SIGTERM');
  await station.until('ready high');
  station.child.stdin.write('press\n');
  // The nest is empty: the run finds that out by itself.
  expect(await station.exited).toEqual({ code: 0, signal: null });
  expect(await outcomes()).toEqual([['FAIL', 'C01']]);
  expect(station.levels()).toEqual(safe);
});

test('a stop waits no longer than the station file says: then the run is aborted, with its record', async () => {
  putJob();
  using station = new StationChild('SIGTERM', 'stopWithin: 1s');
  await station.until('ready high');
  station.child.stdin.write('press\n');
  expect(await station.exited).toEqual({ code: 0, signal: null });
  expect(await outcomes()).toEqual([['ABORTED', 'O01']]);
  expect(station.levels()).toEqual(safe);
});

test('a second signal stops at once: the run is aborted and recorded', async () => {
  putJob();
  using station = new StationChild('SIGTERM');
  await station.until('ready high');
  station.child.stdin.write('press\n');
  await station.until('"event":"stopping"');
  station.child.kill('SIGTERM');
  expect(await station.exited).toEqual({ code: 0, signal: null });
  expect(await outcomes()).toEqual([['ABORTED', 'O01']]);
  expect(station.levels()).toEqual(safe);
});

test('systemd is told how long the stop may take, whatever the unit says', async () => {
  const told = folder.file('told');
  writeFileSync(folder.file('systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`, { mode: 0o755 });
  using station = new StationChild('', 'stopWithin: 90s');
  await station.until('ready high');
  station.child.kill('SIGTERM');
  expect(await station.exited).toEqual({ code: 0, signal: null });
  expect(readFileSync(told, 'utf8')).toContain('STOPPING=1 EXTEND_TIMEOUT_USEC=120000000\n');
});
