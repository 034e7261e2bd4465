import { expect, test } from 'vitest';
import { traceCommand } from '../../src/cli/trace.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { otherMac, readingLedger } from './reading-ledger.ts';

async function trace(...args: readonly string[]): Promise<string> {
  using folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  await readingLedger(path);
  let output = '';
  const command = traceCommand((text) => void (output += text)).exitOverride();
  await command.parseAsync([...args, '--ledger', path], { from: 'user' });
  return output;
}

const idsOf = (output: string): string[] =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { run_id: string }).run_id);

test.for(['5c:cf:7f:12:34:56', '5CCF7F123456', '5c-cf-7f-12-34-56', '?a1'])(
  'everything of the module that is asked for as %s, over all operations, in order',
  async (module) => {
    expect(idsOf(await trace(module, '--json'))).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
  },
);

test('a trace says for what a run counts today', async () => {
  const runs = (await trace('5ccf7f123456', '--json'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as object);
  expect(runs).toMatchObject([
    { unit: '?a1', counted_unit: '5c:cf:7f:12:34:56', counted_attempt: 1, counted_link: 'inferred', state: 'closed' },
    { unit: '5c:cf:7f:12:34:56', adopts: '?a1', counted_attempt: 2, counted_link: 'direct' },
    { outcome: 'PASS', counted_attempt: 3 },
    { state: 'refused', code: 'D05', outcome: null, counted_attempt: null },
    { release: '2.4.0', counted_attempt: 1 },
  ]);
});

test('a trace tells the story of a module in 80 columns', async () => {
  const text = await trace('5ccf7f123456');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  const story = text.split('\n').map((line) => line.replace(/^ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}/, '  '));
  expect(story[0]).toBe('5c:cf:7f:12:34:56  ESP8266EX  flash ef4016, 4 MB');
  expect(story.filter((line) => /^(\S.*:| {2}\S)/.test(line)).slice(1)).toEqual([
    'esp12-a 2.3.1 (bb): passed at attempt 3',
    '  nest 1   FAIL C01 NO_RESPONSE            attempt 1',
    '  nest 1   FAIL V01 DIGEST_MISMATCH        attempt 2',
    '  nest 1   PASS                            attempt 3',
    '  nest 1   refused D05 ALREADY_DONE',
    'esp12-a 2.4.0 (cc): passed at attempt 1',
    '  nest 2   PASS                            attempt 1',
  ]);
  expect(text).toContain('        inferred: not identified, and this module was next on the nest\n');
});

test('a trace says that the module was erased, what of it, and by whom', async () => {
  expect(await trace(otherMac)).toMatch(/\nerased \S+ \S+ by anna\n {8}0x3fc000 to the end\n/);
});

test('a unit that was never identified is found by the beginning of its name', async () => {
  expect(idsOf(await trace('?c', '--json'))).toEqual(['c1']);
  expect(await trace('?c1')).toMatch(/^\?c1 {2}never identified\n/);
});

test('a module that the ledger does not know is told', async () => {
  await expect(trace('5c:cf:7f:99:99:99')).rejects.toThrow('The ledger has no run of 5c:cf:7f:99:99:99.');
  await expect(trace('?')).rejects.toThrow('? is the beginning of several units: ?a1, ?c1.');
});
