import type { Connection } from '../file/database.ts';

/** The kinds of which one value stands for each key, as SQL. */
const single = "('lock', 'unlock', 'hold', 'release', 'erased', 'job-approval', 'job', 'sample')";

/** The last row of the audit about each of them; its `what` is the kind and the key. */
const lastWords = `
  SELECT substr(what, 1, instr(what, ' ') - 1) AS kind, substr(what, instr(what, ' ') + 1) AS key, after AS value,
    detail, at, who, max(id)
  FROM audit WHERE substr(what, 1, instr(what, ' ') - 1) IN ${single} GROUP BY what
`;

/**
 * Makes one decision of several that cannot stand together: those of a backup may be older than those of the damaged
 * ledger, and were perhaps taken back since. The audit, in which every change is, says which one was the last, and has
 * what is lost here: a pinned hash must not be forgotten, nor one come back that was withdrawn. Called when all rows
 * are in.
 */
export function settleStanding(connection: Connection): void {
  connection.exec(`
    DELETE FROM standing WHERE kind IN ${single} AND EXISTS (
      SELECT 1 FROM standing AS later WHERE later.kind = standing.kind AND later.key = standing.key
        AND (later.position, later.at, later.rowid) > (standing.position, standing.at, standing.rowid)
    );
    DELETE FROM standing WHERE kind IN ${single} AND EXISTS (
      SELECT 1 FROM (${lastWords}) AS last WHERE last.kind = standing.kind AND last.key = standing.key
        AND last.at >= standing.at AND last.value IS NOT standing.value
    );
    -- From which run on it counted is not known. A release is to release nothing, and after an erase no pass is to count.
    INSERT INTO standing (kind, key, value, detail, at, who, position)
    SELECT kind, key, value, detail, at, who,
      CASE kind WHEN 'erased' THEN (SELECT coalesce(max(position), 0) FROM runs) ELSE 0 END FROM (${lastWords}) AS last
    WHERE value IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM standing WHERE standing.kind = last.kind AND standing.key = last.key);
    -- The runs of before it may be lost; those that come have their numbers, and are after it.
    UPDATE standing SET position = (SELECT coalesce(max(position), 0) FROM runs)
    WHERE position > (SELECT coalesce(max(position), 0) FROM runs);
  `);
}
