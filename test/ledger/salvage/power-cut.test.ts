import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../runs.ts';

const clock = new VirtualClock(Date.UTC(2026, 2, 14, 8, 0, 0));

/** A ledger with so many runs. */
async function write(path: string, runs: number): Promise<void> {
  const ledger = await Ledger.open(path, { clock });
  for (let index = 1; index <= runs; index += 1) {
    ledger.openRun(opening(`r${index}`));
    ledger.closeRun(`r${index}`, passed(), { finishedAt });
  }
  ledger.close();
}

test.for<{ name: string; cut: (path: string) => void }>([
  { name: 'before anything was moved', cut: () => undefined },
  {
    name: 'when the log had been moved, which leaves an older ledger that looks sound',
    cut: (path) => {
      rmSync(`${path}-wal`, { force: true });
    },
  },
  {
    name: 'when everything had been moved',
    cut: (path) => {
      for (const part of ['', '-wal', '-shm']) rmSync(path + part, { force: true });
    },
  },
])('a ledger that was finished takes its place after a power cut $name', async ({ cut }) => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await write(folder.file('finished.sqlite'), 7);
  await write(path, 3);
  cpSync(folder.file('finished.sqlite'), `${path}.ready`);
  cut(path);
  const before = existsSync(path);
  const ledger = await Ledger.open(path, { clock });
  expect(ledger.runs()).toHaveLength(7);
  expect(ledger.notice).not.toBeNull();
  ledger.close();
  expect(existsSync(`${path}.ready`)).toBe(false);
  // What was there is kept.
  expect(readdirSync(folder.path).some((name) => name.includes('.damaged-'))).toBe(before);
});

test('one that is no sound ledger takes no place', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await write(path, 3);
  writeFileSync(`${path}.ready`, 'half of a copy');
  const ledger = await Ledger.open(path, { clock });
  expect([ledger.runs().length, ledger.notice]).toEqual([3, null]);
  ledger.close();
});
