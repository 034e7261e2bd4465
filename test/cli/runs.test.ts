import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runsCommand } from '../../src/cli/runs.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { smallStation } from '../config/config-samples.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, silent, temporaryFolder } from '../ledger/runs.ts';

async function run(...args: readonly string[]): Promise<string> {
  let output = '';
  const now = new VirtualClock(finishedAt + 30 * 60_000);
  const command = runsCommand((text) => void (output += text), now);
  await command
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(args, { from: 'user' });
  return output;
}

/** A station in Vietnam with this ledger. */
function stationFile(folder: ReturnType<typeof temporaryFolder>, ledger: string): string {
  const station = smallStation.replace('s1 }', 's1, timezone: Asia/Ho_Chi_Minh }');
  writeFileSync(folder.file('jigd.yaml'), `${station}ledger: { path: ${ledger} }\n`);
  return folder.file('jigd.yaml');
}

async function sampleLedger(path: string) {
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  const reports = [passed(), silent(), failed({ identity: { ...identity, mac: '5c:cf:7f:00:00:01' } }), passed()];
  const results = reports.map((report, index) => {
    ledger.openRun(opening(`r${index}`, { nest: 1 + (index % 2), lot: index < 2 ? null : 'L1' }));
    return ledger.closeRun(`r${index}`, report, { finishedAt: finishedAt + index });
  });
  return { ledger, results };
}

test('runs prints a table of 80 columns, the last run first, beside a station that is running', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const { ledger } = await sampleLedger(path);
  const config = stationFile(folder, path);
  const output = await run('--config', config);
  expect(output.split('\n')).toEqual([
    'SEQ  FINISHED             NEST  RESULT    UNIT                 TRY   SEC',
    '  4  2026-03-14 15:21:29     2  PASS      5c:cf:7f:12:34:56  again  18.5',
    '  3  2026-03-14 15:21:29     1  FAIL V01  5c:cf:7f:00:00:01      1  18.5',
    '  2  2026-03-14 15:21:29     2  FAIL C01  ?r1                    1  18.5',
    '  1  2026-03-14 15:21:29     1  PASS      5c:cf:7f:12:34:56      1  18.5',
    '',
    'C01 NO_RESPONSE   V01 DIGEST_MISMATCH   again: it had passed before',
    'job esp12-nodemcu   times Asia/Ho_Chi_Minh',
    '',
  ]);
  ledger.close();
});

test.for([
  { mode: 'golden', shown: 'golden' },
  { mode: 'limit', shown: 'limit' },
  { mode: 'engineering', shown: 'eng' },
] as const)('a run in $mode says so in place of the attempt', async ({ mode, shown }) => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  ledger.openRun(opening('r0', { mode }));
  ledger.closeRun('r0', passed(), { finishedAt });
  ledger.close();
  const lines = (await run('--ledger', path)).split('\n');
  expect(lines[1]).toMatch(new RegExp(`PASS +5c:cf:7f:12:34:56 +${shown} +18\\.5$`));
  expect(lines[3]).toMatch(/^golden, limit, eng: in no yield/);
});

test('a run that has been adopted is shown as what it counts for, with a note', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const ledger = await Ledger.open(path, { clock: new VirtualClock() });
  ledger.openRun(opening('r0'));
  ledger.closeRun('r0', silent(), { finishedAt });
  ledger.openRun(opening('r1', { monoMs: 5_450_000, job: 'other' }));
  ledger.closeRun('r1', passed(), { finishedAt: finishedAt + 30_000 });
  ledger.close();
  const lines = (await run('--ledger', path)).split('\n');
  expect(lines[0]).toMatch(/SEC {2}JOB$/);
  expect(lines[1]).toMatch(/PASS +5c:cf:7f:12:34:56 +2 +18\.5 {2}other$/);
  expect(lines[2]).toMatch(/FAIL C01 +5c:cf:7f:12:34:56 +~1 +18\.5 {2}esp12-nodemcu$/);
  expect(lines[4]).toMatch(/~ counted for the module found next/);
});

test('times are those of the zone of the station file; a day as --until is included', async () => {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  (await sampleLedger(path)).ledger.close();
  const config = stationFile(folder, path);
  const found = async (...args: readonly string[]): Promise<number> =>
    (await run('--config', config, '--json', ...args)).split('\n').length - 1;
  expect(await found('--since', '2026-03-14', '--until', '2026-03-14')).toBe(4);
  expect(await found('--since', '2026-03-14T15:21', '--until', '2026-03-14T15:22')).toBe(4);
  expect(await found('--since', '2026-03-14T15:22')).toBe(0);
  expect(await found('--until', '2026-03-13')).toBe(0);
  expect(await found('--since', '2026-03-14T08:21:29Z')).toBe(4);
  await expect(found('--since', '2026-03-14T15:22', '--until', '2026-03-14T15:22')).rejects.toMatchObject({
    code: 'commander.error',
  });
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
  { args: ['--lot', 'L1'], seqs: [4, 3] },
  { args: ['--serial', 'none'], seqs: [] },
  { args: ['--since', '1h'], seqs: [4, 3, 2, 1] },
  { args: ['--since', '1m'], seqs: [] },
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
  await expect(run('--ledger', path)).rejects.toThrow(
    `There is no ledger at ${path}: the station makes it at its first start; --ledger names another.`,
  );
});

test.for([
  { args: ['--nest', '0'] },
  { args: ['--mac', '5c:cf'] },
  { args: ['--code', 'X99'] },
  { args: ['--limit', 'many'] },
  { args: ['--since', 'yesterday'] },
  { args: ['--since', '2026-02-29'] },
  { args: ['--until', '2026-03-14T24:01'] },
])('runs $args is wrong usage', async ({ args }) => {
  await expect(run('--ledger', 'any', ...args)).rejects.toMatchObject({ code: 'commander.invalidArgument' });
});
