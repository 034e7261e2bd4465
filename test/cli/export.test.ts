import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exportCommand } from '../../src/cli/export.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { resultKeys } from '../../src/ledger/runs/run-row.ts';
import { finishedAt, temporaryFolder } from '../ledger/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { readCsv } from './csv-reader.ts';
import { readingLedger } from './reading-ledger.ts';

const counted = ['counted_at', 'counted_unit', 'counted_attempt', 'counted_link', 'fpy_def'];

async function exporting(folder: ReturnType<typeof temporaryFolder>, ...args: readonly string[]) {
  const path = folder.file('ledger.sqlite');
  if (!existsSync(path)) await readingLedger(path);
  const output = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (output.out += text),
    err: (text: string) => void (output.err += text),
    errColumns: null,
  };
  const command = exportCommand(terminal, new VirtualClock(finishedAt)).exitOverride();
  await command
    .configureOutput({ writeErr: () => undefined })
    .parseAsync([...args, '--ledger', path], { from: 'user' });
  return output;
}

test('a lot as CSV is its records with how they count today, as a parser reads it', async () => {
  using folder = temporaryFolder();
  const { out } = await exporting(folder, '--lot', 'L1', '--format', 'csv');
  expect(out.startsWith('\uFEFFschema,run_id,')).toBe(true);
  const [header = [], ...rows] = readCsv(out.slice(1));
  expect(header).toEqual([...resultKeys, ...counted]);
  const cell = (row: readonly string[], name: string): string => row[header.indexOf(name)] ?? '';
  const shown = ['run_id', 'outcome', 'unit', 'counted_unit', 'counted_attempt', 'counted_link', 'fpy_def', 'ms_erase'];
  expect(rows.map((row) => shown.map((name) => cell(row, name)))).toEqual([
    ['a1', 'FAIL', '?a1', '5c:cf:7f:12:34:56', '1', 'inferred', 'first_ever', ''],
    ['a2', 'FAIL', '5c:cf:7f:12:34:56', '5c:cf:7f:12:34:56', '2', 'direct', 'first_ever', '0'],
    ['a3', 'PASS', '5c:cf:7f:12:34:56', '5c:cf:7f:12:34:56', '3', 'direct', 'first_ever', '0'],
    ['b1', 'PASS', '5c:cf:7f:00:00:01', '5c:cf:7f:00:00:01', '1', 'direct', 'first_ever', '0'],
    ['e1', 'ERROR', '5c:cf:7f:00:00:01', '5c:cf:7f:00:00:01', '', 'direct', 'first_ever', '0'],
  ]);
});

test('texts that a spreadsheet could take for formulas are marked', async () => {
  using folder = temporaryFolder();
  const [header = [], row = []] = readCsv((await exporting(folder, '--lot', '=L2', '--format', 'csv')).out.slice(1));
  expect([row[header.indexOf('lot')], row[header.indexOf('work_order')]]).toEqual(["'=L2", '"W", 1']);
});

test('NDJSON begins with a header that names the definition, and has the very records', async () => {
  using folder = temporaryFolder();
  const { out } = await exporting(
    folder,
    '--since',
    '2026-03-14T08:00:00Z',
    '--until',
    '2026-03-14T08:25:00Z',
    '--format',
    'ndjson',
  );
  const [header, ...runs] = out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(header).toMatchObject({
    ...{ schema: 'jigd.export/1', fpy_def: 'first_ever', lot: null, runs: 3 },
    ...{
      since: '2026-03-14T08:00:00.000Z',
      until: '2026-03-14T08:25:00.000Z',
      exported_at: '2026-03-14T08:21:29.960Z',
    },
  });
  const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock: new VirtualClock() });
  const records = ledger.runs().reverse().slice(0, 3);
  ledger.close();
  expect(runs).toMatchObject(records);
  expect(runs.map(({ fpy_def }) => fpy_def)).toEqual(['first_ever', 'first_ever', 'first_ever']);
});

test('a file is there only when it is whole, and replaced only with --force', async () => {
  using folder = temporaryFolder();
  const file = folder.file('lot.csv');
  expect((await exporting(folder, '--lot', 'L1', '--format', 'csv', '--out', file)).err).toBe(`5 runs in ${file}\n`);
  expect(readCsv(readFileSync(file, 'utf8').slice(1))).toHaveLength(6);
  writeFileSync(file, 'old');
  await expect(exporting(folder, '--lot', 'L1', '--format', 'csv', '--out', file)).rejects.toThrow(/exists already/);
  expect(readFileSync(file, 'utf8')).toBe('old');
  await exporting(folder, '--lot', 'none', '--format', 'csv', '--out', file, '--force');
  expect(readCsv(readFileSync(file, 'utf8').slice(1))).toHaveLength(1);
  expect(readdirSync(folder.path).filter((name) => name.endsWith('.part'))).toEqual([]);
});
