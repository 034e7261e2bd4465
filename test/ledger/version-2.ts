import { openForWriting } from '../../src/ledger/file/database.ts';
import { writeMarker } from '../../src/ledger/file/epoch-marker.ts';
import { epochOfVersion1, hostOfVersion1, writeVersion1 } from './version-1.ts';

/** The second step of the tables, as that version made it. Never edited: such files exist. */
const step = `
  ALTER TABLE runs ADD COLUMN bytes_skipped INTEGER;
  UPDATE outbox SET payload = replace(payload, ',"bytes_sent":', ',"bytes_skipped":null,"bytes_sent":')
  WHERE sent_at IS NULL AND topic = 'run/result';
`;

const values = `'2026-03-14T09:00:00.000Z', 'production', 0, 'esp12-nodemcu', 'sha256:aa', 'esp12-a:sha256:bb', 'esp12-a', '0.1.0', 2`;

/**
 * Writes a ledger as the second version left it: that of version 1 and, behind a hole in the row ids, a result with
 * the new key that was not sent, and two runs that were under way, the last one opened first by name.
 */
export async function writeVersion2(path: string): Promise<void> {
  await writeVersion1(path);
  const connection = await openForWriting(path);
  connection.exec(step);
  connection.exec(`
    INSERT INTO runs (rowid, started_at, mode, simulated, job, job_hash, operation, product, software, nest, run_id, state,
      position, epoch, seq, finished_at, outcome, pass, code, unit, link, reflash, dirty, marginal, ms_total, retries,
      bytes, bytes_skipped, bytes_sent, attempt, mac, detail)
    VALUES (40, ${values}, 'failed', 'closed', 3, '${epochOfVersion1}', 3, '2026-03-14T09:00:20.000Z', 'FAIL', 0, 'V01',
      '5c:cf:7f:00:00:02', 'direct', 0, 1, 0, 20000, 1, 597664, 4096, 398357, 1, '5c:cf:7f:00:00:02', 'It differs.');
    INSERT INTO outbox VALUES (3, 'failed', 'run/result', '{"run_id":"failed","bytes_skipped":4096}', NULL, 2);
    INSERT INTO runs (rowid, started_at, mode, simulated, job, job_hash, operation, product, software, nest, run_id, state)
    VALUES (41, ${values}, 'zulu', 'open'), (44, ${values}, 'alpha', 'writing');
  `);
  connection.pragma('user_version = 2');
  connection.close();
  writeMarker(path, { epoch: epochOfVersion1, lastSeq: 3, hostId: hostOfVersion1 }, false);
}
