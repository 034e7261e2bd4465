import { expect, test } from 'vitest';
import { AuditTrail } from '../../src/ledger/audit-trail.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { temporaryFolder } from './runs.ts';

test('what stays as it was makes no row; what changes says from what to what, when and in which boot', async () => {
  using folder = temporaryFolder();
  const clock = new VirtualClock();
  const { connection } = await openLedgerFile(folder.file('ledger.sqlite'), clock);
  const audit = new AuditTrail(connection, clock);
  audit.note('lot', null, 'b1');
  audit.note('lot', 'L-1', 'b1');
  audit.note('lot', 'L-1', 'b2');
  audit.note('job', 'L-1', 'b2', 'esp12');
  clock.advance(1_000);
  audit.note('lot', 'L-2', 'b2');
  audit.note('lot', null, 'b2');
  const rows = connection.prepare('SELECT at, boot_id, who, what, before, after, detail FROM audit ORDER BY id').raw();
  const [first, second] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z'];
  expect(rows.all()).toEqual([
    [first, 'b1', 'station', 'lot', null, 'L-1', null],
    [first, 'b2', 'station', 'job', null, 'L-1', 'esp12'],
    [second, 'b2', 'station', 'lot', 'L-1', 'L-2', null],
    [second, 'b2', 'station', 'lot', 'L-2', null, null],
  ]);
  connection.close();
});

test('a row that the storage refuses stops nothing', async () => {
  using folder = temporaryFolder();
  const clock = new VirtualClock();
  const { connection } = await openLedgerFile(folder.file('ledger.sqlite'), clock);
  const audit = new AuditTrail(connection, clock);
  connection.pragma('query_only = ON');
  audit.note('lot', 'L-1', null);
  expect(connection.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(0);
  connection.close();
});
