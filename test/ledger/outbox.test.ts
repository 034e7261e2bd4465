import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/system-clock.ts';
import { Outbox, pruneQuery, sentKept } from '../../src/ledger/outbox.ts';
import { openLedgerFile } from '../../src/ledger/file/open-ledger-file.ts';
import { rowFromOpening } from '../../src/ledger/runs/run-row.ts';
import { opening, temporaryFolder } from './runs.ts';

test('the newest results stay after they were sent, and one that waits stays however old it is', async () => {
  using folder = temporaryFolder();
  const { connection } = await openLedgerFile(folder.file('ledger.sqlite'), systemClock);
  const outbox = new Outbox(connection);
  connection.prepare("INSERT INTO jobs VALUES ('sha256:aa', NULL)").run();
  const columns = Object.keys(rowFromOpening(opening('r1')));
  connection
    .prepare(`INSERT INTO runs (state, ${columns.join()}) VALUES ('open', ${columns.map((name) => `@${name}`).join()})`)
    .run(rowFromOpening(opening('r1')));
  const last = sentKept + 50;
  connection.transaction(() => {
    for (let position = 1; position <= last; position += 1) outbox.add(position, 'r1', 'run/result', '{}');
  })();
  const sent = Array.from({ length: last - 1 }, (_, index) => index + 2);
  outbox.markSent(sent, 1);
  const kept = connection.prepare('SELECT count(*) AS rows, min(position) AS first FROM outbox').get();
  expect(kept).toEqual({ rows: sentKept + 1, first: 1 });
  expect(outbox.pending(0, 10).map(({ position }) => position)).toEqual([1]);
  const plan = connection
    .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${pruneQuery}`)
    .all()
    .map(({ detail }) => detail);
  expect(plan[0]).toContain('outbox_sent');
  connection.close();
});
