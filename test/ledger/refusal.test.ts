import { describe, expect, test } from 'vitest';
import { LedgerReader } from '../../src/ledger/ledger-reader.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import type { LedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { withoutEnd } from '../../src/ledger/runs/run-rows.ts';
import type { RunRefusal, RunReport } from '../../src/nest/run/outcome.ts';
import type { RunOpening } from '../../src/nest/run/run-result.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, temporaryFolder } from './runs.ts';

const clock = new VirtualClock();
const otherModule = { ...identity, mac: '5c:cf:7f:00:00:01' };
const aborted = (changes: Partial<RunReport> = {}): RunReport =>
  failed({ outcome: 'ABORTED', code: 'O01', phase: 'write', ...changes });
const refusal: RunRefusal = { code: 'D05', detail: 'It has passed before.', identity, finishedAt };

/** A ledger with one pass of the module, and a run of it that is open. */
async function withOpenRun(): Promise<
  Disposable & { readonly file: LedgerFile; readonly ledger: Ledger; path: string }
> {
  const folder = temporaryFolder();
  const path = folder.file('ledger.sqlite');
  const file = await openLedgerFile(path, clock);
  const ledger = new Ledger(file, clock);
  ledger.openRun(opening('first'));
  ledger.closeRun('first', passed(), { finishedAt });
  ledger.openRun(opening('again'));
  return {
    path,
    file,
    ledger,
    [Symbol.dispose]: () => {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

function hasPassed(ledger: Ledger): boolean {
  return ledger.modules.of({ ...opening(''), mac: identity.mac }).passed;
}

function rowOf({ connection }: LedgerFile, runId: string): unknown {
  return connection.prepare('SELECT * FROM runs WHERE run_id = ?').get(runId);
}

describe('a refused run', () => {
  test('keeps its opening, who it was and why, and has no place among the results', async () => {
    using bench = await withOpenRun();
    bench.ledger.refuseRun('again', refusal);
    expect(rowOf(bench.file, 'again')).toMatchObject({
      state: 'refused',
      started_at: new Date(opening('').startedAt).toISOString(),
      finished_at: new Date(finishedAt).toISOString(),
      job_hash: 'sha256:aa',
      nest: 1,
      mac: identity.mac,
      chip: 'ESP8266EX',
      flash_id: 'ef4016',
      flash_bytes: 4_194_304,
      code: 'D05',
      detail: 'It has passed before.',
      position: null,
      epoch: null,
      seq: null,
      outcome: null,
      unit: null,
    });
  });

  test('is seen by no reader and counts nowhere', async () => {
    using bench = await withOpenRun();
    const { ledger } = bench;
    const seen = () => [ledger.runs(), ledger.lastResults(), ledger.figures.yieldOf(), ledger.pendingOutbox(0, 9)];
    const before = [seen(), ledger.lastSeq()];
    ledger.refuseRun('again', refusal);
    expect([seen(), ledger.lastSeq()]).toEqual(before);
    const reader = await LedgerReader.open(bench.path);
    expect(reader.runs({ mac: identity.mac }).map((run) => run.run_id)).toEqual(['first']);
    expect(reader.runs({ code: 'D05' })).toEqual([]);
    expect(reader.lastResults()).toHaveLength(1);
    reader.close();
    ledger.openRun(opening('third'));
    expect(ledger.closeRun('third', passed(), { finishedAt })).toMatchObject({ seq: 2 });
  });

  test('takes no attempt from a module that has not passed', async () => {
    using bench = await withOpenRun();
    const other = { ...identity, mac: '5c:cf:7f:00:00:09' };
    bench.ledger.refuseRun('again', { ...refusal, identity: other });
    bench.ledger.openRun(opening('third'));
    const result = bench.ledger.closeRun('third', failed({ identity: other }), { finishedAt });
    expect(result).toMatchObject({ attempt: 1, reflash: 0 });
  });

  test('has its end: it is neither interrupted nor unsaved, and cannot be written, closed or refused again', async () => {
    using bench = await withOpenRun();
    const { ledger } = bench;
    ledger.refuseRun('again', refusal);
    expect([ledger.closeUnsaved(), ledger.closeInterrupted()]).toEqual([[], []]);
    expect(() => ledger.markWriting('again', identity)).toThrow(/S99 .*not open/);
    expect(() => ledger.closeRun('again', passed(), { finishedAt })).toThrow(/S99 .*not open/);
    expect(() => ledger.refuseRun('again', refusal)).toThrow(/S99 .*not open/);
    expect(rowOf(bench.file, 'again')).toMatchObject({ state: 'refused', code: 'D05' });
  });

  test.for([
    { state: 'a run that writes', runId: 'writes' },
    { state: 'a closed run', runId: 'first' },
    { state: 'an unknown run', runId: 'nobody' },
  ])('$state cannot be refused', async ({ runId }) => {
    using bench = await withOpenRun();
    bench.ledger.openRun(opening('writes'));
    bench.ledger.markWriting('writes', identity);
    const before = rowOf(bench.file, runId);
    expect(() => bench.ledger.refuseRun(runId, refusal)).toThrow(/S99 .*not open/);
    expect(rowOf(bench.file, runId)).toEqual(before);
  });

  test('a module of which only the MAC is known', async () => {
    using bench = await withOpenRun();
    bench.ledger.refuseRun('again', { ...refusal, identity: { mac: identity.mac } });
    expect(rowOf(bench.file, 'again')).toMatchObject({ mac: identity.mac, chip: null, flash_id: null });
  });
});

describe('a refusal that cannot be saved', () => {
  test('is an S01, leaves the run open, and the run ends as not saved when the storage works again', async () => {
    using bench = await withOpenRun();
    const { ledger, file } = bench;
    file.connection.pragma('query_only = ON');
    expect(() => ledger.refuseRun('again', refusal)).toThrow(/S01 .*read-only/);
    expect(rowOf(file, 'again')).toMatchObject({ state: 'open', mac: null, code: null });
    expect(() => ledger.closeUnsaved()).toThrow(/S01/);
    file.connection.pragma('query_only = OFF');

    const yieldBefore = ledger.figures.yieldOf();
    const [result, ...others] = ledger.closeUnsaved();
    expect(others).toEqual([]);
    expect(result).toMatchObject({ run_id: 'again', seq: 2, outcome: 'ERROR', code: 'S01', dirty: 0, attempt: null });
    expect(result).toMatchObject({ mac: identity.mac, unit: identity.mac, digest_actual: null });
    expect(rowOf(file, 'again')).toMatchObject({
      detail: 'The result could not be saved when the run ended as refused with D05.',
    });
    expect(ledger.figures.yieldOf()).toEqual({ ...yieldBefore, errors: 1 });
    expect(ledger.closeUnsaved()).toEqual([]);
  });

  test('ends as interrupted when the station is started again first', async () => {
    using bench = await withOpenRun();
    bench.file.connection.pragma('query_only = ON');
    expect(() => bench.ledger.refuseRun('again', refusal)).toThrow('S01');
    bench.ledger.close();
    const next = await Ledger.open(bench.path, { clock });
    expect(next.closeInterrupted()).toMatchObject([
      { run_id: 'again', seq: 2, outcome: 'ABORTED', code: 'S05', dirty: 0, attempt: null },
    ]);
    expect(next.figures.yieldOf()).toMatchObject({ units: 1, runYield: { whole: 1 } });
    next.close();
  });

  test('may be tried again, and leaves nothing behind then that would have to be closed', async () => {
    using bench = await withOpenRun();
    bench.file.connection.pragma('query_only = ON');
    expect(() => bench.ledger.refuseRun('again', refusal)).toThrow('S01');
    bench.file.connection.pragma('query_only = OFF');
    bench.ledger.refuseRun('again', refusal);
    expect(bench.ledger.closeUnsaved()).toEqual([]);
    expect(rowOf(bench.file, 'again')).toMatchObject({ state: 'refused' });
  });
});

describe('whether a module has passed', () => {
  test.for([
    { name: 'a pass in production', report: passed(), changes: {}, has: true },
    { name: 'a failure', report: failed(), changes: {}, has: false },
    { name: 'a pass of a golden module', report: passed(), changes: { mode: 'golden' as const }, has: false },
    { name: 'a pass under another operation', report: passed(), changes: { operation: 'other' }, has: false },
    {
      name: 'a pass of another module',
      report: passed({ identity: { ...identity, mac: '5c:cf:7f:00:00:01' } }),
      changes: {},
      has: false,
    },
  ])('$name: $has', async ({ report, changes, has }) => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    ledger.openRun(opening('r1', changes));
    ledger.closeRun('r1', report, { finishedAt });
    expect(hasPassed(ledger)).toBe(has);
    ledger.close();
  });

  test('a run that is not closed is no pass, and neither is a refused one', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    ledger.openRun(opening('open'));
    ledger.openRun(opening('writes'));
    ledger.markWriting('writes', identity);
    ledger.openRun(opening('refused'));
    ledger.refuseRun('refused', refusal);
    expect(hasPassed(ledger)).toBe(false);
    ledger.close();
  });

  test.for<{ name: string; report: RunReport; changes?: Partial<RunOpening>; has: boolean }>([
    { name: 'a failure', report: failed(), has: false },
    { name: 'a failure that wrote nothing', report: failed({ dirty: false }), has: false },
    { name: 'an abort in mid-write', report: aborted({ dirty: true }), has: false },
    { name: 'a fault of the station in mid-write', report: aborted({ outcome: 'ERROR', code: 'S04' }), has: false },
    { name: 'a pass with another job', report: passed(), changes: { operation: 'other' }, has: false },
    { name: 'an abort in mid-write of another job', report: aborted(), changes: { operation: 'other' }, has: false },
    { name: 'a golden run that wrote', report: passed(), changes: { mode: 'golden' }, has: false },
    { name: 'an abort that wrote nothing', report: aborted({ dirty: false }), has: true },
    { name: 'a run of another module', report: aborted({ identity: otherModule }), has: true },
  ])('after the pass, $name: $has', async ({ report, changes, has }) => {
    using bench = await withOpenRun();
    bench.ledger.openRun(opening('later', changes));
    bench.ledger.closeRun('later', report, { finishedAt });
    expect(hasPassed(bench.ledger)).toBe(has);
  });

  test('a run that was interrupted while it wrote takes the pass away, and the next pass gives it back', async () => {
    using bench = await withOpenRun();
    const { ledger } = bench;
    ledger.markWriting('again', identity);
    ledger.closeInterrupted();
    expect(hasPassed(ledger)).toBe(false);
    ledger.openRun(opening('third'));
    ledger.closeRun('third', passed(), { finishedAt });
    expect(hasPassed(ledger)).toBe(true);
  });
});

describe('no question of a run reads the whole table', () => {
  const plan = ({ connection }: LedgerFile, query: string, values: Record<string, string> = {}): string[] =>
    connection
      .prepare<[Record<string, string>], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`)
      .all(values)
      .map(({ detail }) => detail);

  test('the runs without an end', async () => {
    using bench = await withOpenRun();
    const steps = plan(bench.file, `SELECT * FROM runs WHERE ${withoutEnd} ORDER BY rowid`);
    expect(steps).toContainEqual('SEARCH runs USING INDEX runs_unfinished (state=?)');
  });
});
