import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askStation } from '../../src/cli/station/control-client.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import { errorRecord } from '../../src/foundation/error-record.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { Refusal } from '../../src/foundation/refusal.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import type { StationAction, StationActions } from '../../src/nest/station-actions.ts';
import { startControlServer } from '../../src/web/control-server.ts';
import type { StationView } from '../../src/web/station-view.ts';
import { temporaryFolder } from '../ledger/runs.ts';

const view: StationView = {
  station: 'bench',
  software: '0.0.0',
  job_name: null,
  job: null,
  job_fault: null,
  nests: [],
  locks: [],
  alarms: [],
  holds: [],
};

let folder: ReturnType<typeof temporaryFolder>;
let socket: string;
let done: (readonly [StationAction, string])[];
beforeEach(() => {
  folder = temporaryFolder();
  socket = folder.file('control.sock');
  done = [];
});
afterEach(() => folder[Symbol.dispose]());

const remembers: StationActions = {
  perform(action, who) {
    done.push([action, who]);
    return Promise.resolve('Done.');
  },
};
const start = (actions: StationActions = remembers) =>
  startControlServer(socket, { station: 'bench', actions, view: () => view, nests: [1, 2], clock: systemClock });
const ask = (body: object): Promise<unknown> => askStation({ socket, station: null }, '/actions', body);
const toldAs = (record: object): unknown => expect.objectContaining({ name: 'ToldError', record }) as unknown;

test('the socket is for its owner and its group, and is gone after the stop', async () => {
  const server = await start();
  expect((statSync(socket).mode & 0o777).toString(8)).toBe('660');
  await server[Symbol.asyncDispose]();
  expect(existsSync(socket)).toBe(false);
});

test('the state of the station is told to who asks', async () => {
  await using _server = await start();
  expect(await askStation({ socket, station: null }, '/state')).toEqual(view);
});

test.for<StationAction>([
  { verb: 'lock', place: 1, reason: 'worn pins' },
  { verb: 'lock', place: 'station', reason: 'audit' },
  { verb: 'unlock', place: 2 },
  { verb: 'release', mac: '5C-CF-7F-00-00-01' },
  { verb: 'accept-part', flashId: 'ef4016' },
  { verb: 'approve', job: null, hash: 'sha256:0' },
  { verb: 'select-job', job: 'second' },
  { verb: 'next-run', nest: 1, mode: 'golden' },
  { verb: 'acknowledge', alarm: 'nest-yield-2' },
])('$verb is passed on as it was said, with who said it', async (action) => {
  await using _server = await start();
  expect(await ask({ who: 'eve', action })).toEqual({ done: 'Done.' });
  expect(done).toEqual([[action, 'eve']]);
});

test.for([
  { name: 'an unknown verb', body: { who: 'eve', action: { verb: 'start', nest: 1 } }, says: /verb: expected a verb/ },
  { name: 'nobody', body: { who: ' ', action: { verb: 'unlock', place: 1 } }, says: /who: expected some text/ },
  {
    name: 'the name that the station itself has in the audit trail',
    body: { who: 'station', action: { verb: 'unlock', place: 1 } },
    says: /who: expected the name of a person/,
  },
  { name: 'a key too many', body: { who: 'eve', action: { verb: 'unlock', place: 1, all: true } }, says: /all/ },
  {
    name: 'a nest that is none',
    body: { who: 'eve', action: { verb: 'unlock', place: 'one' } },
    says: /place: expected the number/,
  },
  {
    name: 'an alarm of no nest here',
    body: { who: 'eve', action: { verb: 'acknowledge', alarm: 'nest-yield-3' } },
    says: /alarm: expected the name of an alarm/,
  },
  {
    name: 'control characters',
    body: { who: 'eve\u001b[2J', action: { verb: 'unlock', place: 1 } },
    says: /who: expected no control characters/,
  },
  {
    name: 'more text than a person writes',
    body: { who: 'eve', action: { verb: 'lock', place: 1, reason: 'x'.repeat(10_000) } },
    says: /too large/,
  },
])('$name is refused, and nothing is done', async ({ body, says }) => {
  await using _server = await start();
  await expect(ask(body)).rejects.toMatchObject({ record: { code: null, name: 'BAD_REQUEST' }, message: says });
  expect(done).toEqual([]);
});

test.for([
  {
    name: 'a refusal',
    error: new Refusal('Nest 1 is not locked.', 'Look at the others.'),
    record: { code: null, name: 'REFUSED', error: 'Nest 1 is not locked.', action: 'Look at the others.' },
  },
  {
    name: 'a fault with the action of the table',
    error: new StationError('J02', 'fw.bin is missing.'),
    record: {
      code: 'J02',
      name: 'FILE_MISSING',
      error: 'fw.bin is missing.',
      action: 'Check the path in the job and the mount it is on.',
    },
  },
  {
    name: 'a fault with an action of its own',
    error: new StationError('S02', 'The disk is full.', { action: 'Make room.' }),
    record: { code: 'S02', name: 'STORAGE_FULL', error: 'The disk is full.', action: 'Make room.' },
  },
  {
    name: 'a defect',
    error: new TypeError('undefined is not a function'),
    record: { code: null, name: 'ERROR', error: 'undefined is not a function', action: null },
  },
])('$name is told with code, name, error and action', async ({ error, record }) => {
  await using _server = await start({ perform: () => Promise.reject(error) });
  await expect(ask({ who: 'eve', action: { verb: 'unlock', place: 1 } })).rejects.toEqual(toldAs(record));
});

test('a state that cannot be read is told as the fault that it is', async () => {
  const error = new StationError('S01', 'The disk gave an error.');
  const broken = (): StationView => {
    throw error;
  };
  await using _server = await startControlServer(socket, {
    station: 'bench',
    actions: remembers,
    view: broken,
    nests: [1],
    clock: systemClock,
  });
  await expect(askStation({ socket, station: null }, '/state')).rejects.toEqual(toldAs(errorRecord(error)));
});

test('a stop leaves no timer that would keep the process', async () => {
  const limits: (AbortSignal | undefined)[] = [];
  const sleep: Clock['sleep'] = (ms, signal) => {
    limits.push(signal);
    return systemClock.sleep(ms, signal);
  };
  const clock = { ...systemClock, sleep };
  const server = await startControlServer(socket, {
    station: 'bench',
    actions: remembers,
    view: () => view,
    nests: [1],
    clock,
  });
  await server[Symbol.asyncDispose]();
  expect(limits.map((signal) => signal?.aborted)).toEqual([true]);
});

test('who means another station is told so, and nothing is done', async () => {
  await using _server = await start();
  const other = { socket, station: 'b' };
  const action = { who: 'eve', action: { verb: 'unlock', place: 1 } };
  const error = new Refusal(
    `This is station bench, not b: both have the socket ${socket}.`,
    'Give each station a `control.socket` of its own; a station whose id has changed has to be restarted.',
  );
  await expect(askStation(other, '/actions', action)).rejects.toEqual(toldAs(errorRecord(error)));
  await expect(askStation(other, '/state')).rejects.toEqual(toldAs(errorRecord(error)));
  expect(done).toEqual([]);
  expect(await askStation({ socket, station: 'bench' }, '/state')).toEqual(view);
});

test('what is not there is told as an error like any other', async () => {
  await using _server = await start();
  await expect(askStation({ socket, station: null }, '/nothing')).rejects.toMatchObject({
    message: 'There is no GET /nothing.',
  });
});

test('the socket that a killed process has left behind is replaced', async () => {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ],
    { stdio: 'ignore' },
  );
  await once(child, 'exit');
  expect(statSync(socket).isSocket()).toBe(true);
  await using _server = await start();
  expect(await askStation({ socket, station: null }, '/state')).toEqual(view);
});

test('the socket of a station that runs is left to it', async () => {
  await using _server = await start();
  await expect(start()).rejects.toMatchObject({
    name: 'Refusal',
    message: `Another process listens at ${socket}.`,
    action: 'Give each station a `control.socket` of its own.',
  });
  expect(await askStation({ socket, station: null }, '/state')).toEqual(view);
});

test.for([
  {
    name: 'a folder that is not there',
    spoil: () => (socket = folder.file('none/control.sock')),
    says: /cannot be made: its folder does not exist\.$/,
  },
  { name: 'a file in its place', spoil: () => writeFileSync(socket, 'mine'), says: /is there and is no socket\.$/ },
  { name: 'a folder in its place', spoil: () => mkdirSync(socket), says: /is there and is no socket\.$/ },
  {
    name: 'a path that is too long',
    spoil: () => (socket = folder.file('x'.repeat(120))),
    says: /cannot be made: the path is too long/,
  },
])('$name is one plain sentence, with what to do', async ({ spoil, says }) => {
  spoil();
  await expect(start()).rejects.toMatchObject({ name: 'Refusal', message: says, action: expect.any(String) as string });
});

test('a stop does not wait for a request that hangs', async () => {
  const server = await start({ perform: () => new Promise(() => undefined) });
  const asking = expect(ask({ who: 'eve', action: { verb: 'unlock', place: 1 } })).rejects.toMatchObject({
    name: 'Refusal',
    message: expect.stringContaining('gave no answer') as string,
  });
  const idle = connect(socket);
  await once(idle, 'connect');
  await systemClock.sleep(50);
  const began = systemClock.monotonic();
  await server[Symbol.asyncDispose]();
  expect(systemClock.monotonic() - began).toBeLessThan(2_000);
  await asking;
  idle.destroy();
});
