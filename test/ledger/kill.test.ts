import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { checkLedger } from '../../src/ledger/check/check-ledger.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { plainChild } from './plain-child.ts';
import { temporaryFolder } from './runs.ts';

/** `npm run test:long` asks for 200. */
const kills = Number(process.env['JIGD_KILLS'] ?? 40);
/** Ledgers that are worked on at the same time. */
const ledgers = 4;

/** Lets a child close runs and kills it after `lines` acknowledged ones, wherever it is then. */
async function acknowledgedUntilKilled(child: string, path: string, lines: number): Promise<string[]> {
  const runs = spawn(process.execPath, [child, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  runs.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.split('\n').length > lines) runs.kill('SIGKILL');
  });
  await once(runs, 'close');
  expect(runs.signalCode).toBe('SIGKILL');
  return text.split('\n').slice(0, -1);
}

test(`nothing is lost: ${kills} times kill -9 in the middle of the work`, { timeout: 180_000 }, async () => {
  using folder = temporaryFolder();
  const child = plainChild('closing-child.js', folder.file('plain'));
  const work = async (index: number): Promise<void> => {
    const path = folder.file(`ledger-${index}.sqlite`);
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < kills / ledgers; kill += 1) {
      const lines = 2 + ((kill * 7 + index * 3) % 9);
      for (const runId of await acknowledgedUntilKilled(child, path, lines)) acknowledged.add(runId);
    }
    expect(acknowledged.size).toBeGreaterThan(kills / ledgers);

    const ledger = await Ledger.open(path, { clock: new VirtualClock() });
    expect(ledger.notice).toBeNull();
    ledger.closeInterrupted();
    const stored = ledger.runs().toReversed();
    const ids = new Set(stored.map(({ run_id }) => run_id));
    expect([...acknowledged].filter((runId) => !ids.has(runId))).toEqual([]);
    expect(ids.size).toBe(stored.length);
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, at) => at + 1));
    const outbox = ledger.pendingOutbox(0, -1).map(({ payload }) => payload);
    expect(outbox).toEqual(stored.map((result) => JSON.stringify(result)));
    ledger.close();
    // Integrity of the file, sequence, and units, links and counters against a derivation from scratch.
    expect((await checkLedger(path)).findings.flatMap(({ problems }) => problems)).toEqual([]);
  };
  await Promise.all(Array.from({ length: ledgers }, (_, index) => work(index)));
});
