import { standingTable } from './standing-table.ts';

/** The columns of `runs` in version 2. */
const columnsOfRuns2 = `
  run_id, state, position, epoch, seq, station, line, nest, fixture_id, fixture_cycles, started_at, finished_at,
  ts_ms, clock_synced, boot_id, mono_ms, mode, simulated, outcome, pass, code, code_name, attribution, phase,
  detail, unit, adopts, attempt, cycle, reflash, link, dirty, marginal, mac, serial, chip, flash_id, flash_bytes,
  job, job_hash, operation, release, work_order, lot, product, operator, ms_connect, ms_identify, ms_loader,
  ms_erase, ms_write, ms_verify, ms_boot, ms_total, baud, bytes, bytes_skipped, bytes_sent, retries,
  digest_expected, digest_actual, boot_mode, boot_version, software
`;

/** The columns of `units` in version 4 that yields count. */
const countedColumns = `
  first_outcome, first_code, first_attribution, first_phase, first_phases, first_link, attempts, passed_attempt,
  last_outcome, first_nest
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
  // What yields are read from: kept with each closing, and derived again from the runs by this step.
  `
  -- at_ms: the end of the run on the corrected clock, derived from ts_ms, which is never rewritten.
  ALTER TABLE runs ADD COLUMN at_ms INTEGER;
  -- exchanged: whether the sensor of the nest saw a change since the run before; NULL without a sensor.
  ALTER TABLE runs ADD COLUMN exchanged INTEGER CHECK (exchanged IN (0, 1));
  UPDATE runs SET at_ms = coalesce(ts_ms, CAST(round((julianday(finished_at) - 2440587.5) * 86400000) AS INTEGER))
  WHERE state = 'closed';
  CREATE INDEX runs_on_nest ON runs (nest);
  CREATE INDEX runs_by_time ON runs (at_ms, mode, outcome, marginal, nest, code) WHERE state = 'closed';
  CREATE INDEX runs_by_lot ON runs (lot, mode, outcome, marginal, nest, code) WHERE state = 'closed';
  CREATE INDEX runs_of_mac ON runs (mac) WHERE mac IS NOT NULL;
  CREATE INDEX runs_of_serial ON runs (serial) WHERE serial IS NOT NULL;
  CREATE INDEX runs_of_boot ON runs (boot_id) WHERE state = 'closed' AND clock_synced = 0;

  -- A provisional unit whose module has become known (production reference 5.3, rule 5).
  CREATE TABLE links (
    operation TEXT NOT NULL,
    provisional TEXT NOT NULL,
    unit TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    PRIMARY KEY (operation, provisional)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX links_of_unit ON links (unit, operation);

  -- One row for each unit with a countable run under an operation; adopted units have none of their own.
  CREATE TABLE units (
    operation TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- Of the first countable run ever: where the unit belongs.
    first_position INTEGER NOT NULL,
    first_at_ms INTEGER NOT NULL,
    first_nest INTEGER,
    first_lot TEXT,
    first_job TEXT NOT NULL,
    first_outcome TEXT NOT NULL CHECK (first_outcome IN ('PASS', 'FAIL')),
    first_code TEXT,
    first_attribution TEXT,
    first_phase TEXT,
    -- Bit n: phase n of the run was entered, in the order of the record.
    first_phases INTEGER NOT NULL,
    -- inferred: the first run is an adopted one.
    first_link TEXT NOT NULL CHECK (first_link IN ('direct', 'inferred', 'none')),
    attempts INTEGER NOT NULL,
    -- The attempt that passed first; NULL: none has.
    passed_attempt INTEGER,
    -- Of the last countable run, a reflash included.
    last_position INTEGER NOT NULL,
    last_outcome TEXT NOT NULL CHECK (last_outcome IN ('PASS', 'FAIL')),
    PRIMARY KEY (operation, unit)
  ) STRICT, WITHOUT ROWID;
  -- With all that is counted, so that the units of a day are not fetched one by one from all over the table.
  CREATE INDEX units_by_time ON units (first_at_ms, ${countedColumns}, first_lot);
  CREATE INDEX units_by_lot ON units (first_lot, ${countedColumns}, first_at_ms);

  -- Countable runs as they count today, adopted ones with their unit.
  CREATE VIEW attempts AS
  SELECT r.position, r.run_id, r.at_ms, r.nest, r.lot, r.job, r.operation, r.outcome, r.code, r.attribution, r.phase,
    coalesce(l.unit, r.unit) AS unit,
    CASE WHEN l.unit IS NULL THEN r.link ELSE 'inferred' END AS link,
    r.reflash, r.marginal,
    CASE WHEN r.reflash = 1 THEN NULL
      ELSE row_number() OVER (PARTITION BY r.operation, coalesce(l.unit, r.unit), r.reflash ORDER BY r.position)
    END AS attempt
  FROM runs r LEFT JOIN links l ON l.operation = r.operation AND l.provisional = r.unit
  WHERE r.state = 'closed' AND r.mode = 'production' AND r.outcome IN ('PASS', 'FAIL');

  -- Runs of production, by scope: 'all' (key ''), 'lot', 'nest'. Only ever counted up.
  CREATE TABLE counters (
    scope TEXT NOT NULL CHECK (scope IN ('all', 'lot', 'nest')),
    key TEXT NOT NULL,
    runs INTEGER NOT NULL DEFAULT 0,
    passed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    errors INTEGER NOT NULL DEFAULT 0,
    aborted INTEGER NOT NULL DEFAULT 0,
    marginal INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO counters
  SELECT scope, key, count(*), sum(outcome = 'PASS'), sum(outcome = 'FAIL'), sum(outcome = 'ERROR'),
    sum(outcome = 'ABORTED'), sum(marginal = 1)
  FROM (
    SELECT 'all' AS scope, '' AS key, outcome, marginal FROM runs WHERE state = 'closed' AND mode = 'production'
    UNION ALL
    SELECT 'lot', lot, outcome, marginal FROM runs
    WHERE state = 'closed' AND mode = 'production' AND lot IS NOT NULL
    UNION ALL
    SELECT 'nest', CAST(nest AS TEXT), outcome, marginal FROM runs
    WHERE state = 'closed' AND mode = 'production' AND nest IS NOT NULL
  ) GROUP BY scope, key;

  -- The moment at which the clock of a boot became known (production reference 7).
  CREATE TABLE clock_offsets (
    boot_id TEXT PRIMARY KEY,
    mono_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO clock_offsets
  SELECT boot_id, mono_ms, CAST(round((julianday(started_at) - 2440587.5) * 86400000) AS INTEGER) FROM runs
  WHERE position IN (
    SELECT min(position) FROM runs
    WHERE state = 'closed' AND clock_synced = 1 AND boot_id IS NOT NULL AND mono_ms IS NOT NULL GROUP BY boot_id
  );
  UPDATE runs SET at_ms = o.wall_ms - o.mono_ms + runs.mono_ms + runs.ms_total FROM clock_offsets o
  WHERE o.boot_id = runs.boot_id AND runs.state = 'closed' AND runs.clock_synced = 0 AND runs.mono_ms IS NOT NULL;

  -- Who changed what; rows are only ever added.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    boot_id TEXT,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    before TEXT,
    after TEXT,
    detail TEXT
  ) STRICT;

  -- For the old ones that go, past any number that still wait.
  CREATE INDEX outbox_sent ON outbox (position) WHERE sent_at IS NOT NULL;

  -- content: compressed; pruned by count, never with its run.
  CREATE TABLE evidence (
    run_id TEXT PRIMARY KEY REFERENCES runs (run_id),
    position INTEGER NOT NULL UNIQUE,
    content BLOB NOT NULL
  ) STRICT;
  `,
  standingTable,
];
