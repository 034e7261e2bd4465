import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForReading, damageOf } from '../../src/ledger/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { temporaryFolder } from './runs.ts';

const child = join(import.meta.dirname, 'closing-child.ts');

/** Lets a child close runs and kills it after `lines` acknowledged ones, wherever it is then. */
async function acknowledgedUntilKilled(path: string, lines: number): Promise<string[]> {
  const runs = spawn(process.execPath, ['--import', 'tsx', child, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  runs.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.split('\n').length > lines) runs.kill('SIGKILL');
  });
  await once(runs, 'close');
  return text.split('\n').slice(0, -1);
}

test('nothing is lost: kill -9 in the middle of the work loses no acknowledged run and leaves no gap', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const acknowledged = new Set<string>();
  for (const lines of [40, 73, 101]) {
    for (const runId of await acknowledgedUntilKilled(path, lines)) acknowledged.add(runId);
  }
  expect(acknowledged.size).toBeGreaterThan(200);

  const connection = await openForReading(path);
  expect(damageOf(connection)).toBeNull();
  connection.close();
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  expect(ledger.notice).toBeNull();
  ledger.closeInterrupted();
  const stored = ledger.runs().toReversed();
  const ids = new Set(stored.map(({ run_id }) => run_id));
  expect([...acknowledged].filter((runId) => !ids.has(runId))).toEqual([]);
  expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
  const outbox = ledger.pendingOutbox(0, -1).map(({ payload }) => payload);
  expect(outbox).toEqual(stored.map((result) => JSON.stringify(result)));
  ledger.close();
});
