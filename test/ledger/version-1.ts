import { openForWriting } from '../../src/ledger/file/database.ts';
import { writeMarker } from '../../src/ledger/file/epoch-marker.ts';

/** The tables of the first version of the ledger, as that version made them. Never edited: such files exist. */
const tables = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  -- content: the canonical JSON behind the hash, where it was handed over.
  CREATE TABLE jobs (hash TEXT PRIMARY KEY, content TEXT) STRICT;

  -- One row per run: opened before RST moves, writing before the first erase, closed with its outcome.
  CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('open', 'writing', 'closed')),
    position INTEGER UNIQUE,
    epoch TEXT, seq INTEGER,
    station TEXT, line TEXT, nest INTEGER, fixture_id TEXT, fixture_cycles INTEGER,
    started_at TEXT NOT NULL, finished_at TEXT, ts_ms INTEGER,
    clock_synced INTEGER, boot_id TEXT, mono_ms INTEGER,
    mode TEXT NOT NULL CHECK (mode IN ('production', 'golden', 'limit', 'engineering')),
    simulated INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('PASS', 'FAIL', 'ERROR', 'ABORTED')),
    pass INTEGER, code TEXT, code_name TEXT, attribution TEXT, phase TEXT, detail TEXT,
    unit TEXT, adopts TEXT, attempt INTEGER, cycle INTEGER, reflash INTEGER, link TEXT,
    dirty INTEGER, marginal INTEGER,
    mac TEXT, serial TEXT, chip TEXT, flash_id TEXT, flash_bytes INTEGER,
    job TEXT NOT NULL, job_hash TEXT NOT NULL REFERENCES jobs (hash), operation TEXT NOT NULL, release TEXT, work_order TEXT, lot TEXT, product TEXT NOT NULL, operator TEXT,
    ms_connect INTEGER, ms_identify INTEGER, ms_loader INTEGER, ms_erase INTEGER, ms_write INTEGER,
    ms_verify INTEGER, ms_boot INTEGER, ms_total INTEGER,
    baud INTEGER, bytes INTEGER, bytes_sent INTEGER, retries INTEGER,
    digest_expected TEXT, digest_actual TEXT, boot_mode TEXT, boot_version TEXT,
    software TEXT NOT NULL,
    UNIQUE (epoch, seq),
    CHECK (state <> 'closed' OR (position IS NOT NULL AND epoch IS NOT NULL AND seq IS NOT NULL
      AND outcome IS NOT NULL AND unit IS NOT NULL AND finished_at IS NOT NULL)),
    CHECK (state = 'closed' OR (position IS NULL AND seq IS NULL AND outcome IS NULL))
  ) STRICT;
  CREATE INDEX runs_unfinished ON runs (state) WHERE state <> 'closed';
  CREATE INDEX runs_of_unit ON runs (unit, operation);
  CREATE INDEX runs_of_nest ON runs (nest, position);

  -- position: the order in which runs were closed in this file, over all epochs.
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    sent_at INTEGER,
    tries INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX outbox_pending ON outbox (position) WHERE sent_at IS NULL;
`;

/** A result of the first version, which had no `bytes_skipped`; its detail quotes the keys of a record. */
export const payloadOfVersion1 =
  '{"schema":"jigd.result/1","run_id":"waits","boot_version":",\\"bytes_sent\\":1","bytes":597664,"bytes_sent":398357,"retries":0}';

const opened = `started_at, mode, simulated, job, job_hash, operation, product, software, nest, run_id, state`;
const values = `'2026-03-14T08:21:07.412Z', 'production', 0, 'esp12-nodemcu', 'sha256:aa', 'esp12-a:sha256:bb', 'esp12-a', '0.1.0', 1`;
const closed = `finished_at, outcome, pass, unit, link, reflash, dirty, marginal, ms_total, retries, bytes, bytes_sent, attempt, mac`;
const passed = `'2026-03-14T08:21:29.960Z', 'PASS', 1, '5c:cf:7f:12:34:56', 'direct', 0, 0, 0, 18466, 0, 597664, 398357`;

/** The host and the series of the ledger. */
export const hostOfVersion1 = 'host-a';
export const epochOfVersion1 = 'old';

/** Writes a ledger as the first version left it: two results, one of them sent, and a run that was under way. */
export async function writeVersion1(path: string): Promise<void> {
  const connection = await openForWriting(path);
  connection.exec(tables);
  connection.exec(`
    INSERT INTO meta VALUES ('epoch', '${epochOfVersion1}'), ('host_id', '${hostOfVersion1}');
    INSERT INTO jobs VALUES ('sha256:aa', '{}');
    INSERT INTO runs (${opened}, position, epoch, seq, ${closed}) VALUES
      (${values}, 'sent', 'closed', 1, '${epochOfVersion1}', 1, ${passed}, 1, '5c:cf:7f:12:34:56'),
      (${values}, 'waits', 'closed', 2, '${epochOfVersion1}', 2, ${passed}, NULL, '5c:cf:7f:12:34:56');
    INSERT INTO runs (${opened}) VALUES (${values}, 'under-way', 'writing');
  `);
  const outbox = connection.prepare('INSERT INTO outbox VALUES (?, ?, ?, ?, ?, 0)');
  outbox.run(1, 'sent', 'run/result', payloadOfVersion1.replace('waits', 'sent'), 1);
  outbox.run(2, 'waits', 'run/result', payloadOfVersion1, null);
  connection.pragma('user_version = 1');
  connection.close();
  writeMarker(path, { epoch: epochOfVersion1, lastSeq: 2, hostId: hostOfVersion1 }, false);
}
