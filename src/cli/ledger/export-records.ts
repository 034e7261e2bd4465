import type { CountedRun } from '../../ledger/runs/run-query.ts';
import { resultKeys } from '../../ledger/runs/run-row.ts';
import { csvRecord } from './csv.ts';
import type { Cell } from './csv.ts';

/** What the exported attempts are counted by: the first countable run ever of a unit is attempt 1. */
const definition = { fpy_def: 'first_ever' } as const;

/** What an export covers and where it comes from, for its header. */
export interface ExportHeader {
  readonly ledger: string;
  readonly timezone: string;
  readonly exported_at: string;
  readonly lot: string | null;
  /** RFC 3339 in UTC; null: without a bound. */
  readonly since: string | null;
  readonly until: string | null;
  readonly runs: number;
}

/** A format of `jigd export`. */
export interface ExportFormat {
  begin(header: ExportHeader): string;
  record(run: CountedRun): string;
}

/** A record and how it counts today, flat. */
function exported(run: CountedRun): Readonly<Record<string, Cell>> {
  return {
    ...run.record,
    counted_at: new Date(run.atMs).toISOString(),
    counted_unit: run.countedUnit,
    counted_attempt: run.countedAttempt,
    counted_link: run.countedLink,
    ...definition,
  };
}

const columns = [
  ...resultKeys,
  'counted_at',
  'counted_unit',
  'counted_attempt',
  'counted_link',
  ...Object.keys(definition),
];

/**
 * For spreadsheets. The mark at the beginning makes Excel read UTF-8 instead of its own code page, and LibreOffice offer
 * UTF-8. A comment or a second header line would be a record to every parser, so the definition is a column of its own.
 */
export const csvFormat: ExportFormat = {
  begin: () => `\uFEFF${csvRecord(columns)}`,
  record: (run) => {
    const values = exported(run);
    return csvRecord(columns.map((column) => values[column] ?? null));
  },
};

/** For programs: the first line is the header, told by its `schema`; each other one a record. */
export const ndjsonFormat: ExportFormat = {
  begin: (header) => `${JSON.stringify({ schema: 'jigd.export/1', ...definition, ...header })}\n`,
  record: (run) => `${JSON.stringify(exported(run))}\n`,
};
