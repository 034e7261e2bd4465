import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { ledgerCommand } from '../../src/cli/ledger.ts';
import { openForWriting } from '../../src/ledger/file/database.ts';
import { StationError } from '../../src/foundation/faults.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { finishedAt, opening, passed, temporaryFolder } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

afterEach(() => {
  process.exitCode = undefined;
});

async function said(...words: string[]): Promise<string> {
  let text = '';
  await ledgerCommand((part) => (text += part)).parseAsync(words, { from: 'user' });
  return text;
}

async function written(path: string): Promise<Ledger> {
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  ledger.openRun(opening('r1'));
  ledger.closeRun('r1', passed(), { finishedAt });
  return ledger;
}

test('`ledger check` says what it has looked at, and that nothing is wrong', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  (await written(path)).close();
  const text = await said('check', '--ledger', path);
  expect(text).toMatch(/^ok {5}content of the file\n(ok {5}.*\n){6}1 run in 1 epoch; nothing is wrong\.\n$/);
  expect(process.exitCode).toBeUndefined();
});

test('`ledger check` exits with 1 and one sentence for each thing that is wrong, also as JSON', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  (await written(path)).close();
  const connection = await openForWriting(path);
  connection.exec('UPDATE runs SET seq = 2');
  connection.close();
  expect(await said('check', '--ledger', path)).toMatch(/WRONG {2}seq without gaps: Epoch \w+ lacks seq 1\.\n/);
  expect(process.exitCode).toBe(1);
  expect(JSON.parse(await said('check', '--json', '--ledger', path))).toMatchObject({
    sound: false,
    runs: 1,
    epochs: 1,
  });
});

test('`ledger check` of a file that is no ledger finds its content wrong', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  copyFileSync(import.meta.filename, path);
  expect(await said('check', '--ledger', path)).toContain('WRONG  content of the file: file is not a database.');
  expect(process.exitCode).toBe(1);
});

test('`ledger backup` copies what a station works with, and the copy can be listed', async () => {
  using folder = temporaryFolder();
  const ledger = await written(folder.file('ledger.sqlite'));
  await said('backup', folder.file('copy'), '--ledger', folder.file('ledger.sqlite'));
  ledger.close();
  expect(readdirSync(folder.path).filter((name) => name.startsWith('copy'))).toEqual(['copy']);
  expect(await said('check', '--ledger', folder.file('copy'))).toContain('1 run in 1 epoch; nothing is wrong.');
});

test('a ledger that is not there is one sentence and exit 1', async () => {
  let text = '';
  const output = { out: () => undefined, err: (part: string) => void (text += part) };
  const code = await runCommandLine(['node', 'jigd', 'ledger', 'check', '--ledger', '/nowhere/l.sqlite'], {
    ...(await import('../../src/cli/terminal/terminal-output.ts')).processOutput,
    ...output,
  });
  expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/^There is no ledger at .*\n$/) as string });
});

test('without --ledger, that of the station file is checked and copied', async () => {
  using folder = temporaryFolder();
  (await written(folder.file('ledger.sqlite'))).close();
  const lines = '{ gpio0: 5, rst: 6, button: 4, pass: 17, fail: 27, busy: 22 }';
  writeFileSync(
    folder.file('jigd.yaml'),
    `station: { id: a }\nledger: { path: ledger.sqlite }\nnests: [{ id: 1, serial: { path: /dev/ttyS0 }, lines: ${lines} }]\n`,
  );
  expect(await said('check', '--config', folder.file('jigd.yaml'))).toContain('1 run in 1 epoch; nothing is wrong.');
  const copied = await said('backup', folder.file('copy'), '--config', folder.file('jigd.yaml'));
  expect(copied).toContain(`is a sound copy of ${folder.file('ledger.sqlite')}`);
});

test('a copy that is refused says why, and nothing of a result that was not saved', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  (await written(path)).close();
  const again = said('backup', path, '--ledger', path);
  await expect(again).rejects.toThrow(`The file ${path} is there already; a backup replaces nothing.`);
  await expect(again).rejects.not.toBeInstanceOf(StationError);
});
