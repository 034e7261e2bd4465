import { afterEach, beforeEach, expect, test } from 'vitest';
import { eraseCommand } from '../../src/cli/erase.ts';
import { readCommand } from '../../src/cli/read.ts';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { lockLedger } from '../../src/ledger/file/ledger-lock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { w25q32 } from '../../src/simulator/flash/flash-timing.ts';
import { finishedAt, identity, opening, passed } from '../ledger/runs.ts';
import { CommandBench, mac } from './module-command.ts';

const flash = { ...w25q32, content: new Uint8Array(0x400000).fill(0x5a) };
const { operation, product } = opening('');
let bench: CommandBench;

/** Works on the ledger of the station while nobody else does. */
async function inLedger<T>(work: (ledger: Ledger) => T): Promise<T> {
  const ledger = await Ledger.open(bench.ledgerPath, { clock: systemClock });
  try {
    return work(ledger);
  } finally {
    ledger.close();
  }
}

const isDone = (): Promise<boolean> => inLedger(({ modules }) => modules.of({ mac, operation, product }).passed);

beforeEach(async () => {
  bench = await CommandBench.open();
  await inLedger((ledger) => {
    ledger.openRun(opening('r1'));
    ledger.closeRun('r1', passed({ identity: { ...identity, mac } }), { finishedAt });
  });
});
afterEach(() => bench[Symbol.asyncDispose]());

test('a module that is erased in a nest has passed no longer, and the trail says who erased what', async () => {
  bench.insert({ flash });
  const regions = ['--region', '0:4096', '--region', '0x3fc000:all'];
  const { exitCode } = await bench.run(eraseCommand, ...regions, ...bench.byNest);
  expect(exitCode).toBeUndefined();
  expect(await isDone()).toBe(false);
  await inLedger(({ standing, figures }) => {
    const [erased] = standing.of('erased');
    expect(erased).toMatchObject({ key: mac, value: '0x000000 to 0x000fff, 0x3fc000 to the end', position: 1 });
    expect(erased?.who).not.toBe('station');
    expect(figures.standingOf(mac)).toEqual([erased]);
  });
});

test('an erase that was stopped in the middle counts as one', async () => {
  // All of a flash takes seconds.
  bench.insert({ flash, speed: 'real' });
  const erasing = bench.run(eraseCommand, '--all', ...bench.byNest);
  const stopped = expect(erasing).rejects.toMatchObject({ code: 'O01' });
  await bench.untilPhase('erase');
  process.emit('SIGINT');
  await stopped;
  expect(await isDone()).toBe(false);
  await inLedger(({ standing }) => expect(standing.of('erased')).toMatchObject([{ value: 'all' }]));
});

test('an erase that is refused leaves the pass as it is', async () => {
  bench.insert({ flash });
  await expect(bench.run(eraseCommand, '--region', '0x3ff000:0x2000', ...bench.byNest)).rejects.toMatchObject({
    code: 'F03',
  });
  expect(await isDone()).toBe(true);
});

test('who reads or erases beside the ledger changes nothing in it', { timeout: 20_000 }, async () => {
  bench.insert({ flash });
  await bench.run(readCommand, bench.file('flash.bin'), '--at', '0', '--size', '4K', ...bench.byNest);
  expect(await isDone()).toBe(true);
  await bench.run(eraseCommand, '--region', '0:4K', ...bench.byLines);
  expect(await isDone()).toBe(true);
});

test('while the station runs its nests are not erased', async () => {
  const chip = bench.insert({ flash });
  using _station = await lockLedger(bench.ledgerPath);
  await expect(bench.run(eraseCommand, '--all', ...bench.byNest)).rejects.toMatchObject({ code: 'S01' });
  expect(chip.flash.read(0, 1)).toEqual(Uint8Array.of(0x5a));
});
