import type { Connection } from '../file/database.ts';
import type { EpochMarker } from '../file/epoch-marker.ts';

/** Numbers that were given to runs of an epoch which are not there, both ends included. */
export interface SeqGap {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** The `what` of the audit rows that tell which runs a damage has cost. */
const salvaged = 'ledger-salvaged';

/**
 * The gaps in `seq` that no audit row explains yet, epoch by epoch in the order of their runs.
 * @param marker tells of runs behind the last one that is there; null: nothing does
 */
export function findGaps(connection: Connection, marker: EpochMarker | null): SeqGap[] {
  const explained = explainedGaps(connection);
  const gaps = connection
    .prepare<[], SeqGap>(
      `SELECT epoch, before + 1 AS "from", seq - 1 AS "to" FROM (
         SELECT epoch, seq, position, lag(seq, 1, 0) OVER (PARTITION BY epoch ORDER BY seq) AS before
         FROM runs WHERE state = 'closed')
       WHERE seq > before + 1 ORDER BY position`,
    )
    .all();
  const last =
    marker === null
      ? 0
      : Number(
          connection.prepare('SELECT coalesce(max(seq), 0) FROM runs WHERE epoch = ?').pluck().get(marker.epoch) ?? 0,
        );
  const behind = marker === null || marker.lastSeq <= last ? [] : [{ ...marker, from: last + 1, to: marker.lastSeq }];
  return [...gaps, ...behind.map(({ epoch, from, to }) => ({ epoch, from, to }))].flatMap((gap) =>
    without(gap, explained),
  );
}

/** Writes into the audit what a salvage brought, and which runs are known to be lost from now on. */
export function addedAudit(
  connection: Connection,
  { at, detail, gaps }: { readonly at: number; readonly detail: string; readonly gaps: readonly SeqGap[] },
): void {
  connection
    .prepare('INSERT INTO audit (at, who, what, after, detail) VALUES (?, ?, ?, ?, ?)')
    .run(new Date(at).toISOString(), 'jigd', salvaged, JSON.stringify({ lost: gaps }), detail);
}

function explainedGaps(connection: Connection): SeqGap[] {
  const texts = connection.prepare<[string], string>('SELECT after FROM audit WHERE what = ?').pluck().all(salvaged);
  return texts.flatMap((text) => {
    const { lost } = JSON.parse(text) as { readonly lost: readonly SeqGap[] };
    return [...lost];
  });
}

/** What is left of a gap when the explained ones are taken out. */
function without(gap: SeqGap, explained: readonly SeqGap[]): SeqGap[] {
  let left: SeqGap[] = [gap];
  for (const { epoch, from, to } of explained) {
    if (epoch !== gap.epoch) continue;
    left = left.flatMap((part) =>
      [
        { epoch, from: part.from, to: Math.min(part.to, from - 1) },
        { epoch, from: Math.max(part.from, to + 1), to: part.to },
      ].filter((rest) => rest.from <= rest.to),
    );
  }
  return left;
}
