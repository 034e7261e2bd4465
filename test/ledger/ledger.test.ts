import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { assertDurable } from '../../src/ledger/file/database.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { failed, finishedAt, identity, opening, passed, silent, temporaryFolder } from './runs.ts';

const clock = new VirtualClock();

function run(ledger: Ledger, runId: string, report = passed(), changes = {}) {
  ledger.openRun(opening(runId, changes));
  return ledger.closeRun(runId, report, { finishedAt });
}

describe('three commits', () => {
  test('a run is read back exactly as it was closed, and its outbox row holds the same record', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('sub/ledger.sqlite'), { clock });
    ledger.openRun(opening('r1'));
    ledger.markWriting('r1', identity);
    const result = ledger.closeRun('r1', passed(), { finishedAt });
    expect(result).toMatchObject({ seq: 1, epoch: ledger.epoch, unit: identity.mac, attempt: 1 });
    expect(JSON.stringify(ledger.runs())).toBe(JSON.stringify([result]));
    const [row] = ledger.pendingOutbox(0, 10);
    expect(row).toEqual({ position: 1, topic: 'run/result', payload: JSON.stringify(result), tries: 0 });
    ledger.close();
  });

  test('an open run has no seq and is in no list and in no outbox', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    ledger.openRun(opening('r1'));
    expect([ledger.runs(), ledger.pendingOutbox(0, 10), ledger.lastSeq()]).toEqual([[], [], 0]);
    ledger.close();
  });

  test('seq has no gaps: refused calls and repeated ids take none', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    run(ledger, 'r1');
    expect(() => ledger.openRun(opening('r1'))).toThrow();
    expect(() => ledger.closeRun('r1', passed(), { finishedAt })).toThrow('not open');
    expect(() => ledger.closeRun('nobody', passed(), { finishedAt })).toThrow('not open');
    expect(() => ledger.markWriting('r1', identity)).toThrow('not open');
    run(ledger, 'r2', silent());
    expect(ledger.runs().map(({ seq, run_id }) => [seq, run_id])).toEqual([
      [2, 'r2'],
      [1, 'r1'],
    ]);
    ledger.close();
  });

  test('the identity of the second commit stays when the last report does not repeat it', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    ledger.openRun(opening('r1'));
    ledger.markWriting('r1', identity);
    const result = ledger.closeRun('r1', failed({ identity: {} }), { finishedAt });
    expect(result).toMatchObject({ mac: identity.mac, unit: identity.mac, link: 'direct', flash_id: 'ef4016' });
    ledger.close();
  });
});

describe('green means recorded', () => {
  test('a full disk refuses with S02, keeps nothing of the run, and the same ledger works again', async () => {
    using folder = temporaryFolder();
    const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
    const ledger = new Ledger(file, clock);
    ledger.openRun(opening('r1'));
    const pages = Number(file.connection.pragma('page_count', { simple: true }));
    file.connection.pragma(`max_page_count = ${pages}`);
    const long = passed({ bootVersion: 'x'.repeat(20_000) });
    expect(() => ledger.closeRun('r1', long, { finishedAt })).toThrow(/S02 .*disk is full/);
    expect([ledger.runs(), ledger.pendingOutbox(0, 10), file.connection.inTransaction]).toEqual([[], [], false]);

    file.connection.pragma('max_page_count = 100000');
    expect(run(ledger, 'r2')).toMatchObject({ seq: 1, outcome: 'PASS' });
    const [unsaved] = ledger.closeUnsaved();
    expect(unsaved).toMatchObject({ run_id: 'r1', seq: 2, outcome: 'ERROR', pass: 0, code: 'S01', dirty: 1 });
    expect(ledger.closeUnsaved()).toEqual([]);
    ledger.close();
  });

  test('a run that could not be saved is never a pass, also when its closing is tried again', async () => {
    using folder = temporaryFolder();
    const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
    const ledger = new Ledger(file, clock);
    ledger.openRun(opening('r1'));
    file.connection.pragma('query_only = ON');
    expect(() => ledger.closeRun('r1', passed(), { finishedAt })).toThrow(/S01 .*read-only/);
    file.connection.pragma('query_only = OFF');
    expect(ledger.closeRun('r1', passed(), { finishedAt })).toMatchObject({ outcome: 'ERROR', code: 'S01' });
    ledger.close();
  });

  test('a marker that cannot be written makes no saved result look unsaved', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    mkdirSync(folder.file('ledger.sqlite.marker.new'));
    expect(run(ledger, 'r1')).toMatchObject({ outcome: 'PASS', seq: 1 });
    ledger.close();
  });

  test('another writer that keeps the file locked is an S01', async () => {
    using folder = temporaryFolder();
    const first = await openLedgerFile(folder.file('ledger.sqlite'), clock);
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    first.connection.exec('BEGIN IMMEDIATE');
    expect(() => ledger.openRun(opening('r1'))).toThrow(/S01 .*another program/);
    first.connection.exec('ROLLBACK');
    expect(run(ledger, 'r1')).toMatchObject({ seq: 1 });
    first.connection.close();
    ledger.close();
  });

  test('commits stay durable after writes and on the second opening', async () => {
    using folder = temporaryFolder();
    for (const runId of ['r1', 'r2']) {
      const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
      const ledger = new Ledger(file, clock);
      run(ledger, runId);
      expect(file.connection.pragma('synchronous', { simple: true })).toBe(2);
      expect(() => assertDurable(file.connection)).not.toThrow();
      file.connection.pragma('synchronous = NORMAL');
      expect(() => assertDurable(file.connection)).toThrow(/synchronous 2, but has wal and 1/);
      ledger.close();
    }
  });
});

describe('runs found open', () => {
  test('become ABORTED/S05 with a seq, in the order of their opening; only those that were writing are dirty', async () => {
    using folder = temporaryFolder();
    const before = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    run(before, 'r0');
    before.openRun(opening('r2'));
    before.openRun(opening('r1'));
    before.markWriting('r1', { ...identity, mac: '5c:cf:7f:00:00:01' });
    before.close();

    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    const closed = ledger.closeInterrupted();
    expect(closed.map(({ run_id, seq, dirty, unit }) => ({ run_id, seq, dirty, unit }))).toEqual([
      { run_id: 'r2', seq: 2, dirty: 0, unit: '?r2' },
      { run_id: 'r1', seq: 3, dirty: 1, unit: '5c:cf:7f:00:00:01' },
    ]);
    for (const result of closed) {
      expect(result).toMatchObject({ outcome: 'ABORTED', code: 'S05', attempt: null, epoch: ledger.epoch });
    }
    expect(ledger.pendingOutbox(0, 10)).toHaveLength(3);
    expect(ledger.closeInterrupted()).toEqual([]);
    ledger.close();
  });
});

describe('the outbox', () => {
  test('gives what is behind a position, in order, until it is marked as sent', async () => {
    using folder = temporaryFolder();
    const ledger = await Ledger.open(folder.file('ledger.sqlite'), { clock });
    for (const runId of ['r1', 'r2', 'r3', 'r4']) run(ledger, runId);
    ledger.markSent([2], finishedAt);
    ledger.noteTry(3);
    expect(ledger.pendingOutbox(0, 2).map(({ position }) => position)).toEqual([1, 3]);
    expect(ledger.pendingOutbox(1, 9).map(({ position, tries }) => [position, tries])).toEqual([
      [3, 1],
      [4, 0],
    ]);
    ledger.close();
  });
});

describe('the text behind a job hash', () => {
  test('is kept with the first run that brings it', async () => {
    using folder = temporaryFolder();
    const file = await openLedgerFile(folder.file('ledger.sqlite'), clock);
    const ledger = new Ledger(file, clock);
    run(ledger, 'r1');
    ledger.openRun(opening('r2'), '{}');
    run(ledger, 'r3');
    expect(file.connection.prepare('SELECT * FROM jobs').all()).toEqual([{ hash: 'sha256:aa', content: '{}' }]);
    ledger.close();
  });
});
