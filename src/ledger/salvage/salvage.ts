import { openDamagedPages } from './damaged-pages.ts';
import type { Connection } from '../file/database.ts';
import { deriveAnew } from '../runs/derive-anew.ts';
import type { EpochMarker } from '../file/epoch-marker.ts';
import { rowsOfLeaf } from './leaf-rows.ts';
import { SalvageTarget } from './salvage-target.ts';
import { schemaVersion } from '../file/schema.ts';
import { addedAudit, findGaps } from '../check/seq-gaps.ts';
import type { SeqGap } from '../check/seq-gaps.ts';
import { settleStanding } from './standing-decisions.ts';
import { tableShapes } from './table-shapes.ts';

/** What could be saved of a damaged ledger, together with what its backup held. */
export interface Salvage {
  /** Closed runs that are there. */
  readonly runs: number;
  /** Closed runs that must have been there, from the numbers of the last ones that are known. */
  readonly of: number;
  /** The highest `seq` of the epoch that was damaged. */
  readonly upToSeq: number;
  /** Runs that were under way and are there. */
  readonly unfinished: number;
  /** Results that wait to be sent. */
  readonly unsent: number;
  readonly jobs: number;
  readonly audit: number;
  readonly evidence: number;
}

/**
 * Puts everything that can be read in a damaged ledger into a sound one, page by page, and derives from the runs again
 * what is derived. Each run keeps its epoch and its `seq`, so that nothing counts twice. The damaged file is only read.
 *
 * @param damagedPath the file that was moved aside, its write-ahead log beside it
 * @param known `marker`: what is known of the last run; `version`: of its rows, null: as its header says; `at`: wall-clock
 *   ms, for the audit
 */
export async function salvageInto(
  connection: Connection,
  damagedPath: string,
  {
    marker,
    at,
    version: ofRows,
  }: { readonly marker: EpochMarker | null; readonly version: number | null; readonly at: number },
): Promise<Salvage> {
  using damaged = openDamagedPages(damagedPath);
  const version = ofRows ?? damaged.version ?? schemaVersion;
  const shape = await tableShapes(version >= 1 && version <= schemaVersion ? version : schemaVersion);
  return withoutForeignKeys(connection, () => {
    const target = new SalvageTarget(connection);
    for (let number = 2; number <= damaged.pageCount; number += 1) {
      const page = damaged.page(number);
      if (page === null) continue;
      for (const row of rowsOfLeaf(page, (wanted) => damaged.page(wanted))) {
        const named = shape(row);
        if (named !== null) target.put(named);
      }
    }
    target.rebuildLostRuns();
    target.queueUnsent();
    connection.exec(completion);
    settleStanding(connection);
    deriveAnew(connection);
    const gaps = findGaps(connection, marker);
    const salvage = reportOf(connection, gaps, marker);
    addedAudit(connection, { at, detail: salvageText(salvage), gaps });
    return salvage;
  });
}

/** One sentence with the numbers, for people. */
export function salvageText({ runs, of, upToSeq, unfinished, unsent, ...rest }: Salvage): string {
  const lost = of - runs;
  const open = unfinished === 0 ? '' : `, ${count(unfinished)} under way`;
  return (
    `${count(runs)} of ${counted(of, 'run')} up to seq ${count(upToSeq)} are there, ${count(lost)} lost${open}; ` +
    `results that wait to be sent: ${count(unsent)}; kept: ${counted(rest.jobs, 'job')}, ` +
    `${counted(rest.audit, 'audit row')} and evidence of ${counted(rest.evidence, 'run')}.`
  );
}

/**
 * What the rows of older versions and of a backup lack, and rows that belong to nothing any more. A backup may be from
 * before the clock of its boot was known.
 */
const completion = `
  UPDATE runs SET at_ms = coalesce(ts_ms, CAST(round((julianday(finished_at) - 2440587.5) * 86400000) AS INTEGER))
  WHERE state = 'closed' AND at_ms IS NULL;
  UPDATE outbox SET payload = replace(payload, ',"bytes_sent":', ',"bytes_skipped":null,"bytes_sent":')
  WHERE sent_at IS NULL AND topic = 'run/result' AND payload NOT LIKE '%,"bytes_skipped":%';
  DELETE FROM outbox WHERE run_id NOT IN (SELECT run_id FROM runs);
  DELETE FROM evidence WHERE run_id NOT IN (SELECT run_id FROM runs);
  INSERT OR IGNORE INTO clock_offsets
  SELECT boot_id, mono_ms, CAST(round((julianday(started_at) - 2440587.5) * 86400000) AS INTEGER) FROM runs
  WHERE state = 'closed' AND clock_synced = 1 AND boot_id IS NOT NULL AND mono_ms IS NOT NULL ORDER BY position;
  UPDATE runs SET at_ms = o.wall_ms - o.mono_ms + runs.mono_ms + runs.ms_total FROM clock_offsets o
  WHERE o.boot_id = runs.boot_id AND runs.state = 'closed' AND runs.clock_synced = 0 AND runs.mono_ms IS NOT NULL;
`;

function reportOf(connection: Connection, gaps: readonly SeqGap[], marker: EpochMarker | null): Salvage {
  const number = (query: string, ...values: string[]): number =>
    connection
      .prepare<string[], number>(query)
      .pluck()
      .get(...values) ?? 0;
  const runs = number("SELECT count(*) FROM runs WHERE state = 'closed'");
  const known = number('SELECT coalesce(max(seq), 0) FROM runs WHERE epoch = ?', marker?.epoch ?? '');
  return {
    runs,
    of: runs + gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    upToSeq: marker === null ? number('SELECT coalesce(max(seq), 0) FROM runs') : Math.max(known, marker.lastSeq),
    unfinished: number("SELECT count(*) FROM runs WHERE state IN ('open', 'writing')"),
    unsent: number('SELECT count(*) FROM outbox WHERE sent_at IS NULL'),
    jobs: number('SELECT count(*) FROM jobs WHERE content IS NOT NULL'),
    audit: number('SELECT count(*) FROM audit'),
    evidence: number('SELECT count(*) FROM evidence'),
  };
}

/** Rows come in the order of the pages, so that one may come before the row that it belongs to. */
function withoutForeignKeys<T>(connection: Connection, work: () => T): T {
  connection.pragma('foreign_keys = OFF');
  try {
    return connection.transaction(work).immediate();
  } finally {
    connection.pragma('foreign_keys = ON');
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function counted(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}
