import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { resultKeys } from '../../src/ledger/runs/run-row.ts';
import type { RunResult } from '../../src/nest/run/run-result.ts';
import { failed, finishedAt, identity, opening, temporaryFolder } from '../ledger/runs.ts';
import { freePort } from '../mqtt/brokers.ts';
import { startListener } from '../mqtt/listener.ts';
import { bootImage, secondImage, usualJob } from '../support/station-bench.ts';
import { jigd, JigdProcess } from './jigd-process.ts';

const resultTopic = 'jigd/demo/run/result';

/** A client that tries until there is a broker. */
async function connected(port: number): Promise<Awaited<ReturnType<typeof startListener>>> {
  for (;;) {
    try {
      return await startListener(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
    } catch {
      await wait(20);
    }
  }
}

/** The runs in a ledger as the program lists them, the first one first. */
async function listed(ledger: string): Promise<RunResult[]> {
  const { out } = await jigd('runs', '--ledger', ledger, '--json');
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as RunResult).toReversed();
}

test.concurrent(
  'eight runs on four nests: a consumer that was there before the first press has what the ledger has',
  async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    using demo = new JigdProcess(
      ...['demo', '--nests', '4', '--runs', '8', '--headless', '--speed', 'fast'],
      ...['--mqtt-port', String(port), '--data', folder.path],
    );
    const consumer = await connected(port);
    expect(demo.out + demo.err).not.toContain('started');
    expect(await demo.ended(), demo.err).toBe(0);
    const heard = consumer.on(resultTopic);
    await consumer[Symbol.asyncDispose]();

    const runs = await listed(folder.file('ledger.sqlite'));
    expect(runs.map(({ seq, outcome, simulated }) => [seq, outcome, simulated])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => [seq, 'PASS', 1]),
    );
    expect(heard).toEqual(runs);
    for (const each of heard) expect(Object.keys(each)).toEqual(resultKeys);
    expect(new Set(runs.map(({ mac }) => mac)).size).toBe(8);
    expect(demo.out.match(/^ +\d+ {2}.* PASS /gm)).toHaveLength(8);
    expect(demo.out).toMatch(/^run yield +100\.0 %.*8 of 8$/m);
    // Neither terminal nor colours: nothing that moves the cursor.
    expect(demo.out + demo.err).not.toContain('\u001b');
  },
);

test.concurrent('without --runs a digit presses, a digit too many is told, and q ends', async () => {
  using demo = new JigdProcess('demo', '--nests', '2');
  await demo.until(({ out }) => out.includes('q ends'));
  demo.child.stdin.write('1\n');
  await demo.until(({ err }) => err.includes('nest 1  started'));
  demo.child.stdin.write('1\n');
  await demo.until(({ err }) => err.includes('nest 1  O03  WAIT – run under way'));
  demo.child.stdin.write('2\n');
  await demo.until(({ err }) => err.includes('nest 1  PASS'));
  await demo.until(({ err }) => err.includes('nest 2  PASS'));
  demo.child.stdin.write('q\n');
  expect(await demo.ended()).toBe(0);
  expect(demo.out.match(/^ +\d+ {2}.* PASS /gm)).toHaveLength(2);
});

test.concurrent('q ends a run that is under way, and the table has it', async () => {
  using demo = new JigdProcess('demo', '--nests', '1');
  await demo.until(({ out }) => out.includes('q ends'));
  demo.child.stdin.write('1\n');
  await demo.until(({ err }) => err.includes('nest 1  started'));
  demo.child.stdin.write('q\n');
  expect(await demo.ended()).toBe(0);
  expect(demo.err).toMatch(/nest 1 {2}ABORTED {2}O01/);
  expect(demo.out).toMatch(/^ +1 {2}.* ABORTED O01 /m);
});

test.concurrent(
  'modules with faults are judged as they are',
  async () => {
    const { code, out, err } = await jigd(
      ...['demo', '--nests', '4', '--runs', '12', '--faults', '0.5', '--seed', '7', '--headless', '--speed', 'fast'],
    );
    expect(err).not.toContain('Wrong verdict');
    expect(code).toBe(0);
    expect(out.match(/^ +\d+ {2}.* (PASS|FAIL) /gm)).toHaveLength(12);
    expect(out).toMatch(/ FAIL [A-Z]\d\d /);
    // A module that dies while it is written takes the limit for one block, again after a fresh start.
  },
  120_000,
);

test.concurrent('a signal ends the demo in order, and runs that are missing are work that failed', async () => {
  using folder = temporaryFolder();
  using demo = new JigdProcess('demo', '--nests', '1', '--runs', '99', '--headless', '--data', folder.path);
  await demo.until(({ err }) => err.includes('nest 1  started'));
  demo.child.kill('SIGTERM');
  expect(await demo.ended()).toBe(1);
  expect(await listed(folder.file('ledger.sqlite'))).toMatchObject([{ seq: 1, outcome: 'ABORTED', code: 'O01' }]);
});

test.concurrent('--job flashes the job of a file', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('job.yaml'), usualJob);
  writeFileSync(folder.file('boot.bin'), bootImage);
  writeFileSync(folder.file('second.bin'), secondImage);
  const { code, out } = await jigd(
    ...['demo', '--nests', '1', '--runs', '1', '--headless', '--speed', 'fast', '--job', folder.file('job.yaml')],
  );
  expect(code).toBe(0);
  expect(out).toMatch(/^job bench-job /m);
});

// Four demos, one after the other, each with its time for consumers to come.
test.concurrent(
  'with --data a second demo takes the modules that have not passed yet',
  { timeout: 90_000 },
  async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('job.yaml'), usualJob);
    writeFileSync(folder.file('boot.bin'), bootImage);
    writeFileSync(folder.file('second.bin'), secondImage);
    const demo = ['demo', '--nests', '1', '--runs', '1', '--headless', '--speed', 'fast', '--data', folder.path];
    // The job of the file refuses a second flash.
    for (const own of [[], [], ['--job', folder.file('job.yaml')], ['--job', folder.file('job.yaml')]]) {
      expect(await jigd(...demo, ...own)).toMatchObject({ code: 0 });
    }
    const runs = await listed(folder.file('ledger.sqlite'));
    const first = runs[0]?.mac;
    const second = runs[1]?.mac;
    expect(second).not.toBe(first);
    // Other work: the same tray from its beginning.
    expect(runs.map(({ mac, outcome, attempt }) => [mac, outcome, attempt])).toEqual(
      [first, second, first, second].map((mac) => [mac, 'PASS', 1]),
    );
  },
);

test.concurrent(
  'with --data a second demo leaves the modules alone that must not be tried again',
  { timeout: 90_000 },
  async () => {
    using folder = temporaryFolder();
    const path = folder.file('ledger.sqlite');
    const demo = ['demo', '--nests', '1', '--runs', '1', '--headless', '--speed', 'fast', '--data', folder.path];
    expect(await jigd(...demo)).toMatchObject({ code: 0 });
    const [first] = await listed(path);
    const next = (by: number): string => {
      const address = Number.parseInt((first?.mac ?? '').replaceAll(':', '').slice(6), 16) + by;
      return `5c:cf:7f:${address
        .toString(16)
        .padStart(6, '0')
        .replaceAll(/(..)(?=.)/g, '$1:')}`;
    };
    const ledger = await Ledger.open(path, { clock: systemClock });
    ledger.openRun(opening('earlier', { operation: first?.operation ?? '' }));
    ledger.closeRun('earlier', failed({ code: 'V04', identity: { ...identity, mac: next(1) } }), { finishedAt });
    ledger.close();
    expect(await jigd(...demo)).toMatchObject({ code: 0 });
    expect((await listed(path)).at(-1)).toMatchObject({ outcome: 'PASS', mac: next(2) });
  },
);

test.concurrent('a job that is taken away while the demo runs ends it instead of waiting for ever', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('job.yaml'), usualJob);
  writeFileSync(folder.file('boot.bin'), bootImage);
  writeFileSync(folder.file('second.bin'), secondImage);
  using demo = new JigdProcess(
    ...['demo', '--nests', '1', '--runs', '99', '--headless', '--speed', 'fast', '--job', folder.file('job.yaml')],
  );
  await demo.until(({ err }) => err.includes('nest 1  started'));
  writeFileSync(folder.file('boot.bin'), secondImage);
  expect(await demo.ended()).toBe(1);
  expect(demo.err).toMatch(/^J03 FILE_CHANGED: boot\.bin has been changed/m);
});

test.concurrent('a job that is not there ends the demo before the first press', async () => {
  const { code, err } = await jigd('demo', '--runs', '1', '--job', 'none.yaml');
  expect(code).toBe(1);
  expect(err).toMatch(/^J01 NO_JOB: The job file none\.yaml cannot be read/);
});

test.concurrent('a port of the broker that is in use is one plain sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, err } = await jigd('demo', '--runs', '1', '--mqtt-port', String(port));
  taken.close();
  expect(code).toBe(1);
  expect(err).toBe(
    `The broker cannot listen on port ${port}: another program uses it. Take another --mqtt-port, or leave it out.\n`,
  );
});

test.concurrent('a damaged ledger of --data is told at the start of the demo, with where it is now', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('ledger.sqlite'), 'x'.repeat(8192));
  const { code, err } = await jigd(
    ...['demo', '--nests', '1', '--runs', '1', '--headless', '--speed', 'fast', '--data', folder.path],
  );
  expect(code, err).toBe(0);
  expect(err).toMatch(/^The ledger was damaged \(.*moved to .*ledger\.sqlite\.damaged-/m);
});

test.concurrent('with --socket a person locks and unlocks the demo, which leaves locks alone', async () => {
  using folder = temporaryFolder();
  const socket = folder.file('control.sock');
  using demo = new JigdProcess(
    ...['demo', '--nests', '1', '--runs', '3', '--headless', '--speed', 'fast', '--socket', socket],
  );
  await demo.until(({ err }) => err.includes('nest 1  started'));
  expect(await jigd('lock', '--reason', 'The lid is bent.', '--socket', socket)).toMatchObject({ code: 0, err: '' });
  await demo.until(({ err }) => err.includes('alarm station-locked: S07'));
  // Twice as long as the technician of a demo looks at a lock.
  await wait(1_000);
  const { out } = await jigd('status', '--json', '--socket', socket);
  expect(JSON.parse(out)).toMatchObject({
    locks: [{ place: 'station', detail: 'The lid is bent.' }],
    alarms: [{ alarm: 'station-locked', code: 'S07' }],
  });
  expect(await jigd('unlock', '--who', 'bob', '--socket', socket)).toMatchObject({
    code: 0,
    out: 'The station is unlocked.\n',
  });
  expect(await demo.ended(), demo.err).toBe(0);
  expect(demo.err).toContain('station  alarm station-locked has ended. Unlocked by bob.\n');
  expect(demo.out).toMatch(/^run yield +100\.0 %.*3 of 3$/m);
});
