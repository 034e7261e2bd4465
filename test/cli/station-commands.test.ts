import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { loadJob } from '../../src/cli/job/load-job.ts';
import type { StationView } from '../../src/web/station-view.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { bootImage, secondImage, usualJob } from '../support/station-bench.ts';
import { StationProcess } from './station-process.ts';

// Two stations one after the other, each a process that compiles itself first.
vi.setConfig({ testTimeout: 120_000 });

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(folder.file('jobs'));
  writeFileSync(folder.file('jobs/bench-job.yaml'), usualJob);
  writeFileSync(folder.file('jobs/second.yaml'), usualJob.replace("release: '1.2'", "release: '1.3'"));
  writeFileSync(folder.file('jobs/boot.bin'), bootImage);
  writeFileSync(folder.file('jobs/second.bin'), secondImage);
});
afterEach(() => folder[Symbol.dispose]());

/** A command for the station in the folder. */
async function jigd(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' };
  const code = await runCommandLine(['node', 'jigd', ...args, '--config', folder.file('station.yaml')], {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    errColumns: null,
  });
  return { code, ...printed };
}

const does = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await jigd(...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};
const isRefused = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await jigd(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  return err;
};
const status = async (): Promise<StationView> => JSON.parse(await does('status', '--json')) as StationView;
const hashOf = async (name: string): Promise<string> => (await loadJob(folder.file(`jobs/${name}.yaml`))).hash;

test('a nest that is locked starts nothing until it is unlocked, and the trail says who did it', async () => {
  using station = await StationProcess.listening(folder.path);
  expect(await does('lock', '--nest', '1', '--reason', 'The pins are worn.', '--who', 'eve')).toBe(
    'Nest 1 is locked: The pins are worn.\n',
  );
  expect(await jigd('acknowledge', 'nothing')).toMatchObject({
    code: 2,
    err: 'alarm: expected the name of an alarm, such as new-flash-id: the last level of its topic.\n',
  });
  expect((await status()).locks).toMatchObject([{ place: 1, code: 'S07', detail: 'The pins are worn.', who: 'eve' }]);
  expect(await does('status')).toMatch(
    /\n +1 +blocked +S07 +NEST LOCKED – call technician\nNest 1 is locked since \S+ by eve, S07: The pins are worn\.\n$/,
  );
  station.press();
  await station.until('"event":"blocked-start"');
  station.release();
  await station.until('button high');
  expect(await isRefused('unlock')).toBe('The station is not locked; nest 1 is.\n');
  expect(await isRefused('unlock', '--nest', '2')).toBe('There is no nest 2; this station has 1.\n');
  expect(await does('unlock', '--nest', '1', '--who', 'bob')).toBe('Nest 1 is unlocked.\n');
  expect(await status()).toMatchObject({ locks: [], nests: [{ nest: 1, state: 'ready', code: null }] });
  station.press();
  await station.until('rst low');
  await station.end('SIGTERM');
  using ledger = await opened();
  expect(ledger.audit('lock 1')).toEqual([
    { who: 'eve', before: null, after: 'S07' },
    { who: 'bob', before: 'S07', after: null },
  ]);
});

test('another job is refused while a run is under way, taken at idle, and kept over a restart', async () => {
  {
    using station = await StationProcess.listening(folder.path);
    station.press();
    await station.until('rst low');
    expect(await isRefused('select-job', 'second')).toBe(
      'A run is under way on nest 1: the job changes only while every nest is idle. Say it again when the runs have ended.\n',
    );
    expect(await status()).toMatchObject({ job_name: 'bench-job', job: { release: '1.2' } });
    // Without a module the run ends by itself.
    while ((await status()).nests[0]?.state === 'running') await systemClock.sleep(50);
    expect(await isRefused('select-job', 'none')).toMatch(/^J01 NO_JOB: The job file \S+none\.yaml cannot be read/);
    expect(await isRefused('select-job', '../station')).toMatch(/^"\.\.\/station" is no name of a job/);
    expect(await status()).toMatchObject({ job_name: 'bench-job' });
    expect(await does('select-job', 'second')).toBe(
      'The job is second, release 1.3, from now on and after a restart.\n',
    );
    await station.end('SIGTERM');
  }
  using _again = await StationProcess.listening(folder.path);
  expect(await status()).toMatchObject({
    job_name: 'second',
    job: { release: '1.3', job_hash: await hashOf('second') },
  });
});

test('a job that has changed is stopped, also by a restart, until its new hash is approved', async () => {
  const before = await hashOf('bench-job');
  {
    using station = await StationProcess.listening(folder.path);
    await station.end('SIGKILL');
  }
  writeFileSync(folder.file('jobs/second.bin'), secondImage.toReversed());
  const now = await hashOf('bench-job');
  using station = await StationProcess.listening(folder.path);
  expect(await status()).toMatchObject({
    job: null,
    job_fault: {
      code: 'J03',
      error: `Job bench-job has the hash ${now}; approved is ${before}. \`jigd approve ${now} --job bench-job\` allows it.`,
    },
  });
  expect(await does('status')).toContain('job bench-job is not loaded. J03: ');
  expect(await isRefused('approve', 'sha256:12')).toMatch(/^"sha256:12" is no hash/);
  expect(await does('approve', now)).toBe(`Job bench-job may be flashed with the hash ${now}; it is loaded.\n`);
  expect(await status()).toMatchObject({ job: { job_hash: now }, job_fault: null });
  station.press();
  await station.until('rst low');
});

test('the socket of a killed station is replaced by the next, for its group alone', async () => {
  using killed = await StationProcess.listening(folder.path);
  await killed.end('SIGKILL');
  const socket = folder.file('control.sock');
  expect(existsSync(socket)).toBe(true);
  expect(await isRefused('status')).toBe(
    `No station is running: nobody listens at ${socket}. ` +
      'Start it with `systemctl start jigd`; --config names the file of another station.\n',
  );
  using station = await StationProcess.listening(folder.path);
  expect((statSync(socket).mode & 0o777).toString(8)).toBe('660');
  await does('status');
  await station.end('SIGTERM');
  expect(existsSync(socket)).toBe(false);
});

test('a station that has the socket of another one takes no command that is meant for that', async () => {
  using _station = await StationProcess.listening(folder.path);
  const file = folder.file('station.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('id: child', 'id: other'));
  const socket = folder.file('control.sock');
  const says =
    `This is station child, not other: both have the socket ${socket}. ` +
    'Give each station a `control.socket` of its own; a station whose id has changed has to be restarted.\n';
  expect(await isRefused('lock', '--nest', '1', '--reason', 'The pins are worn.')).toBe(says);
  expect(await isRefused('status')).toBe(says);
  // Who names the socket itself means who listens there.
  expect(JSON.parse(await does('status', '--json', '--socket', socket))).toMatchObject({ station: 'child', locks: [] });
});

test('--json prints what was done, and an error too, as one object', async () => {
  using _station = await StationProcess.listening(folder.path);
  expect(JSON.parse(await does('release', '5CCF7F-000001', '--json'))).toEqual({
    done: 'The module 5c:cf:7f:00:00:01 may be tried again.',
  });
  expect(JSON.parse(await does('accept-part', '0xEF4016', '--json'))).toEqual({
    done: 'The flash part ef4016 is accepted for bench-module.',
  });
  const { code, out, err } = await jigd('release', 'nobody', '--json');
  expect({ code, err }).toEqual({
    code: 1,
    err: '"nobody" is no MAC: expected 12 digits, such as 5c:cf:7f:00:00:01.\n',
  });
  expect(JSON.parse(out)).toEqual({ code: null, name: 'REFUSED', error: err.trimEnd(), action: null });
});

/** The audit trail of the station that has ended. */
async function opened(): Promise<Disposable & { audit(what: string): unknown[] }> {
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(folder.file('ledger.sqlite'), { readonly: true });
  return {
    audit: (what) => database.prepare('SELECT who, before, after FROM audit WHERE what = ? ORDER BY id').all(what),
    [Symbol.dispose]: () => void database.close(),
  };
}
