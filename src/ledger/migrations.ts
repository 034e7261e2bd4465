/** The columns of `runs` in version 2. */
const columnsOfRuns2 = `
  run_id, state, position, epoch, seq, station, line, nest, fixture_id, fixture_cycles, started_at, finished_at,
  ts_ms, clock_synced, boot_id, mono_ms, mode, simulated, outcome, pass, code, code_name, attribution, phase,
  detail, unit, adopts, attempt, cycle, reflash, link, dirty, marginal, mac, serial, chip, flash_id, flash_bytes,
  job, job_hash, operation, release, work_order, lot, product, operator, ms_connect, ms_identify, ms_loader,
  ms_erase, ms_write, ms_verify, ms_boot, ms_total, baud, bytes, bytes_skipped, bytes_sent, retries,
  digest_expected, digest_actual, boot_mode, boot_version, software
`;

/** Index + 1 is the `user_version` that the step leads to. A released step is never edited. */
export const migrations: readonly string[] = [
  `
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
  `,
  // A result that waits to be sent gets the key too, as every record has every key. The quotes inside a text are
  // escaped, so nothing but the key itself matches.
  `
  ALTER TABLE runs ADD COLUMN bytes_skipped INTEGER;
  UPDATE outbox SET payload = replace(payload, ',"bytes_sent":', ',"bytes_skipped":null,"bytes_sent":')
  WHERE sent_at IS NULL AND topic = 'run/result';
  `,
  // A CHECK cannot be altered, so the table is built anew. The rowids are the order of opening and are kept.
  `
  CREATE TABLE runs_3 (
    run_id TEXT PRIMARY KEY,
    -- refused: ended after the identification, nothing written; in no count and in no sequence.
    state TEXT NOT NULL CHECK (state IN ('open', 'writing', 'closed', 'refused')),
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
    job TEXT NOT NULL, job_hash TEXT NOT NULL REFERENCES jobs (hash), operation TEXT NOT NULL, release TEXT,
    work_order TEXT, lot TEXT, product TEXT NOT NULL, operator TEXT,
    ms_connect INTEGER, ms_identify INTEGER, ms_loader INTEGER, ms_erase INTEGER, ms_write INTEGER,
    ms_verify INTEGER, ms_boot INTEGER, ms_total INTEGER,
    baud INTEGER, bytes INTEGER, bytes_skipped INTEGER, bytes_sent INTEGER, retries INTEGER,
    digest_expected TEXT, digest_actual TEXT, boot_mode TEXT, boot_version TEXT,
    software TEXT NOT NULL,
    UNIQUE (epoch, seq),
    CHECK (state <> 'closed' OR (position IS NOT NULL AND epoch IS NOT NULL AND seq IS NOT NULL
      AND outcome IS NOT NULL AND unit IS NOT NULL AND finished_at IS NOT NULL)),
    CHECK (state = 'closed' OR (position IS NULL AND seq IS NULL AND outcome IS NULL)),
    CHECK (state <> 'refused' OR (code IS NOT NULL AND detail IS NOT NULL AND finished_at IS NOT NULL))
  ) STRICT;
  INSERT INTO runs_3 (rowid, ${columnsOfRuns2}) SELECT rowid, ${columnsOfRuns2} FROM runs ORDER BY rowid;
  DROP TABLE runs;
  ALTER TABLE runs_3 RENAME TO runs;
  CREATE INDEX runs_unfinished ON runs (state) WHERE state IN ('open', 'writing');
  CREATE INDEX runs_of_unit ON runs (unit, operation);
  CREATE INDEX runs_of_nest ON runs (nest, position);
  `,
];
