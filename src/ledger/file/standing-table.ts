/** What a kind means is in `nest/standing.ts`. Not WITHOUT ROWID, so that its pages can be salvaged. */
export const standingTable = `
  CREATE TABLE standing (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    detail TEXT,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    -- The position of the last closed run when it was decided: later runs are after it.
    position INTEGER NOT NULL,
    UNIQUE (kind, key, value)
  ) STRICT;
  `;
