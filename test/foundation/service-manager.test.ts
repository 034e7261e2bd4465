import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { notifyServiceManager } from '../../src/foundation/service-manager.ts';
import { temporaryFolder } from '../ledger/runs.ts';

const before = { path: process.env['PATH'], socket: process.env['NOTIFY_SOCKET'] };
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  process.env['NOTIFY_SOCKET'] = folder.file('notify');
});

afterEach(() => {
  folder[Symbol.dispose]();
  restore('PATH', before.path);
  restore('NOTIFY_SOCKET', before.socket);
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

/** A program in the place of systemd-notify that writes down its arguments. */
function placeNotify(exitCode: number): void {
  const program = folder.file('systemd-notify');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder.file('heard')}\nexit ${exitCode}\n`);
  chmodSync(program, 0o755);
  process.env['PATH'] = `${folder.path}${delimiter}${before.path ?? ''}`;
}

test('the service manager is told every state', async () => {
  placeNotify(0);
  await notifyServiceManager('READY=1', 'STATUS=3 nests ready');
  expect(readFileSync(folder.file('heard'), 'utf8')).toBe('READY=1\nSTATUS=3 nests ready\n');
});

test('without a service manager nothing is started', async () => {
  placeNotify(0);
  restore('NOTIFY_SOCKET', undefined);
  await notifyServiceManager('READY=1');
  expect(existsSync(folder.file('heard'))).toBe(false);
});

test('a service manager that refuses does not stop the station', async () => {
  placeNotify(1);
  await expect(notifyServiceManager('READY=1')).resolves.toBeUndefined();
});

test('a machine without systemd-notify does not stop the station', async () => {
  process.env['PATH'] = folder.path;
  await expect(notifyServiceManager('READY=1')).resolves.toBeUndefined();
});

test('a state that no process can be given does not stop the station', async () => {
  placeNotify(0);
  await expect(notifyServiceManager(`STATUS=${'x'.repeat(4_000_000)}`)).resolves.toBeUndefined();
});
