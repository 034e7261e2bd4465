import { expect, test } from 'vitest';
import { runsCommand } from '../../src/cli/runs.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, silent, temporaryFolder } from '../ledger/runs.ts';

async function run(...args: readonly string[]): Promise<string> {
  let output = '';
  const command = runsCommand((text) => void (output += text));
  await command
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(args, { from: 'user' });
  return output;
}

async function sampleLedger(path: string) {
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  const reports = [passed(), silent(), failed({ identity: { ...identity, mac: '5c:cf:7f:00:00:01' } }), passed()];
  const results = reports.map((report, index) => {
    ledger.openRun(opening(`r${index}`, { nest: 1 + (index % 2) }));
    return ledger.closeRun(`r${index}`, report, { finishedAt: finishedAt + index });
  });
  return { ledger, results };
}

test('runs prints a table, the last run first, beside a station that is running', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const { ledger } = await sampleLedger(path);
  const lines = (await run('--ledger', path)).split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(lines).toEqual([
    ['SEQ', 'FINISHED', 'NEST', 'OUTCOME', 'CODE', 'UNIT', 'ATTEMPT', 'SECONDS', 'JOB'],
    ['4', '2026-03-14T08:21:29.963Z', '2', 'PASS', '-', '5c:cf:7f:12:34:56', 'reflash', '18.5', 'esp12-nodemcu'],
    [
      '3',
      '2026-03-14T08:21:29.962Z',
      '1',
      'FAIL',
      expect.stringMatching(/^V01 /),
      '5c:cf:7f:00:00:01',
      '1',
      '18.5',
      'esp12-nodemcu',
    ],
    ['2', '2026-03-14T08:21:29.961Z', '2', 'FAIL', expect.stringMatching(/^C01 /), '?r1', '1', '18.5', 'esp12-nodemcu'],
    ['1', '2026-03-14T08:21:29.960Z', '1', 'PASS', '-', '5c:cf:7f:12:34:56', '1', '18.5', 'esp12-nodemcu'],
    [''],
  ]);
  ledger.close();
});

test('runs --json prints exactly the records, one a line', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const { ledger, results } = await sampleLedger(path);
  ledger.close();
  const expected = results.toReversed().map((result) => `${JSON.stringify(result)}\n`);
  expect(await run('--ledger', path, '--json')).toBe(expected.join(''));
});

test.for([
  { args: ['--nest', '2'], seqs: [4, 2] },
  { args: ['--mac', '5C-CF-7F-12-34-56'], seqs: [4, 1] },
  { args: ['--code', 'c01'], seqs: [2] },
  { args: ['--limit', '1'], seqs: [4] },
  { args: ['--nest', '1', '--mac', '5ccf7f123456'], seqs: [1] },
  { args: ['--nest', '9'], seqs: [] },
])('runs $args selects the runs $seqs', async ({ args, seqs }) => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  (await sampleLedger(path)).ledger.close();
  const lines = (await run('--ledger', path, '--json', ...args)).split('\n').slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(seqs);
});

test('a ledger that is not there is named in one plain sentence', async () => {
  using folder = temporaryFolder();
  const path = folder.file('none.sqlite');
  await expect(run('--ledger', path)).rejects.toMatchObject({ code: 'S01', detail: `There is no ledger at ${path}.` });
});

test.for([
  { args: ['--nest', '0'] },
  { args: ['--mac', '5c:cf'] },
  { args: ['--code', 'X99'] },
  { args: ['--limit', 'many'] },
])('runs $args is wrong usage', async ({ args }) => {
  await expect(run('--ledger', 'any', ...args)).rejects.toMatchObject({ code: 'commander.invalidArgument' });
});
