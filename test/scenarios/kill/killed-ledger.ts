import { copyFileSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { temporaryFolder } from '../../ledger/runs.ts';

export interface KilledLedger {
  /** Neither closed nor refused. */
  readonly open: readonly string[];
  readonly passed: ReadonlySet<string>;
  /** Closed as S05. */
  readonly interrupted: readonly string[];
  /** Nests that have to ask for a redo at the next start: their last run is open, or was closed as S05. */
  readonly redo: readonly number[];
  readonly runs: number;
  /** What is wrong with the file or with its sequence. */
  readonly problems: readonly string[];
}

const nothing: KilledLedger = { open: [], passed: new Set(), interrupted: [], redo: [], runs: 0, problems: [] };

/** What a dead station has left on the disk. Looks at a copy: the log is for the next station to read. */
export function readKilledLedger(path: string): KilledLedger {
  if (!existsSync(path)) return nothing;
  using folder = temporaryFolder();
  const copy = folder.file('ledger.sqlite');
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  const database = new Database(copy);
  try {
    const hasRuns = database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'runs'").pluck().get() === 1;
    const ids = (where: string): string[] =>
      database.prepare<[], string>(`SELECT run_id FROM runs WHERE ${where}`).pluck().all();
    const problems = database.pragma('integrity_check', { simple: true }) === 'ok' ? [] : ['integrity_check'];
    if (!hasRuns) return { ...nothing, problems };
    const gaps = database
      .prepare(
        'SELECT epoch, count(*) AS n, count(DISTINCT seq) AS d, min(seq) AS lo, max(seq) AS hi FROM runs WHERE seq IS NOT NULL GROUP BY epoch',
      )
      .all() as { n: number; d: number; lo: number; hi: number }[];
    for (const { n, d, lo, hi } of gaps)
      if (n !== d || lo !== 1 || hi !== n) problems.push(`seq ${lo} to ${hi}, ${d} of ${n}`);
    if (gaps.length > 1) problems.push(`${gaps.length} epochs`);
    return {
      open: ids("state IN ('open', 'writing')"),
      passed: new Set(ids("outcome = 'PASS'")),
      interrupted: ids("code = 'S05'"),
      redo: database
        .prepare<[], number>(
          `SELECT nest FROM runs WHERE state IN ('open', 'writing') UNION
           SELECT nest FROM runs WHERE code = 'S05' AND position IN (SELECT max(position) FROM runs GROUP BY nest)`,
        )
        .pluck()
        .all(),
      runs: gaps.reduce((sum, { n }) => sum + n, 0),
      problems,
    };
  } finally {
    database.close();
  }
}
