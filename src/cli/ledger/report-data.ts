import type { LocalTime } from '../../foundation/local-time.ts';
import type { LedgerReader } from '../../ledger/ledger-reader.ts';
import type { RunExtent } from '../../ledger/runs/run-query.ts';
import type { HourlyYield, ParetoBar, YieldFigures, YieldScope } from '../../ledger/yield/yield-figures.ts';

/** One nest of a report. */
export interface NestReport {
  readonly nest: number | null;
  readonly figures: YieldFigures;
  /** The failure that most of its runs ended in; null when none failed. */
  readonly worst: ParetoBar | null;
}

/** Everything that `jigd report` tells of a scope. */
export interface Report {
  readonly scope: YieldScope;
  readonly extent: RunExtent;
  readonly figures: YieldFigures;
  readonly byUnits: readonly ParetoBar[];
  readonly byRuns: readonly ParetoBar[];
  readonly nests: readonly NestReport[];
  /** From the local hour of the first run to that of the last one. */
  readonly hours: readonly HourlyYield[];
}

/** Asks the ledger for a report. @param now where a period without an end ends, ms since 1970 */
export function collectReport(reader: LedgerReader, scope: YieldScope, now: number, local: LocalTime): Report {
  const { fromMs, toMs } = scope;
  const extent = reader.extent({ ...scope, mode: 'production' });
  return {
    scope: { ...scope, ...(fromMs === undefined || toMs !== undefined ? {} : { toMs: now }) },
    extent,
    figures: reader.yieldOf(scope),
    byUnits: reader.pareto('units', scope),
    byRuns: reader.pareto('runs', scope),
    nests: reader.yieldBy('nest', scope).map(({ key, figures }) => ({
      nest: key,
      figures,
      worst: key === null ? null : (reader.pareto('runs', { ...scope, nest: key })[0] ?? null),
    })),
    hours: hoursOf(reader, scope, extent, local),
  };
}

/** A year. A run that a clock at its zero has put into 1970 would make half a million hours. */
const hoursAtMost = 366 * 24;
const hourMs = 3_600_000;

function hoursOf(
  reader: LedgerReader,
  scope: YieldScope,
  { firstMs, lastMs }: RunExtent,
  local: LocalTime,
): HourlyYield[] {
  if (firstMs === null || lastMs === null) return [];
  if (lastMs - firstMs > hoursAtMost * hourMs) return [];
  const { minute, second } = local.at(firstMs);
  const hourStart = Math.floor(firstMs / 1000) * 1000 - (minute * 60 + second) * 1000;
  // The runs of the scope are all in between, so its own bounds are not needed.
  return reader.hourlyYield({ ...scope, fromMs: hourStart, toMs: lastMs + 1 });
}
