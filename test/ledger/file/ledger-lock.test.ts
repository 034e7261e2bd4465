import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockLedger } from '../../../src/ledger/file/ledger-lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigd-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('one process at a time works with a ledger, and the lock can be taken again', async () => {
  const path = join(folder, 'new', 'ledger.sqlite');
  const first = await lockLedger(path);
  await expect(lockLedger(path)).rejects.toMatchObject({
    code: 'S01',
    detail: expect.stringContaining('Another jigd') as string,
  });
  first[Symbol.dispose]();
  const second = await lockLedger(path);
  second[Symbol.dispose]();
});

test('a process that is killed leaves no lock', async () => {
  const path = join(folder, 'ledger.sqlite');
  const script = `import { lockLedger } from ${JSON.stringify(resolve(import.meta.dirname, '../../../src/ledger/file/ledger-lock.ts'))};
    globalThis.lock = await lockLedger(${JSON.stringify(path)}); console.log('locked'); process.stdin.resume();`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'pipe' });
  await once(child.stdout, 'data');
  await expect(lockLedger(path)).rejects.toMatchObject({ code: 'S01' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await lockLedger(path);
  lock[Symbol.dispose]();
});
