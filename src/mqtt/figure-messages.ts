import { shiftAt } from '../ledger/yield/shift.ts';
import type { Shift, ShiftPlan } from '../ledger/yield/shift.ts';
import type { Proportion, RunCounts, YieldFigures, YieldScope } from '../ledger/yield/yield-figures.ts';
import { figureScopes } from './figure-schemas.ts';
import type { FigureScope, RateKey, RateName } from './figure-schemas.ts';
import type { Message } from './messages.ts';

/** Where the figures are read; every method throws StationError S01 when the ledger cannot be read. */
export interface FigureSource {
  readonly epoch: string;
  lastSeq(): number;
  readonly figures: { yieldOf(scope: YieldScope): YieldFigures; totals(): RunCounts };
}

/** Of which station, in which shifts and for which lot. */
export interface FigurePlan extends ShiftPlan {
  readonly station: string | null;
  readonly line: string | null;
  readonly lot: string | null;
}

export interface FigureMessages {
  readonly counters: Message<'counters'>;
  readonly yield: Message<'yield'>;
  readonly shift: Shift;
}

const hours24Ms = 24 * 3_600_000;
/** A clock that is set back a little must not lose the last runs. */
const aheadMs = 60_000;

/** The figures of a moment. @throws StationError S01 */
export function figureMessages(source: FigureSource, plan: FigurePlan, nowMs: number): FigureMessages {
  const now = Math.round(nowMs);
  const shift = shiftAt(now, plan);
  const read = (scope: YieldScope): YieldFigures => source.figures.yieldOf(scope);
  const figures: Readonly<Record<FigureScope, YieldFigures | null>> = {
    shift: read(shift),
    lot: plan.lot === null ? null : read({ lot: plan.lot }),
    h24: read({ fromMs: now - hours24Ms, toMs: now + aheadMs }),
  };
  const header = {
    station: plan.station,
    line: plan.line,
    at: iso(now),
    ts_ms: now,
    epoch: source.epoch,
    last_seq: source.lastSeq(),
    shift_start: iso(shift.fromMs),
    shift_end: iso(shift.toMs),
    lot: plan.lot,
  };
  const totals = source.figures.totals();
  return {
    shift,
    counters: {
      schema: 'jigd.counters/1',
      ...header,
      ...ofScopes(figures, counts),
      total_passed: totals.passed,
      total_failed: totals.failed,
      total_errors: totals.errors,
      total_aborted: totals.aborted,
      total_marginal: totals.marginal,
    },
    yield: {
      schema: 'jigd.yield/1',
      fpy_def: 'first_ever',
      ...header,
      ...ofScopes(figures, (one) => ({ units: one?.units ?? null, ...rates(one) })),
    },
  };
}

function counts(figures: YieldFigures | null) {
  return {
    units: figures?.units ?? null,
    good: figures?.good ?? null,
    unidentified: figures?.unidentified ?? null,
    runs: figures?.runYield.whole ?? null,
    passed: figures?.runYield.part ?? null,
    failed: figures === null ? null : figures.runYield.whole - figures.runYield.part,
    errors: figures?.errors ?? null,
    aborted: figures?.aborted ?? null,
    marginal: figures?.marginal.part ?? null,
  };
}

function rates(figures: YieldFigures | null): Readonly<Record<RateKey, number | null>> {
  const byName: Readonly<Record<RateName, Proportion | undefined>> = {
    fpy: figures?.fpy,
    pass2: figures?.passedBy[1],
    pass3: figures?.passedBy[2],
    final: figures?.finalYield,
    run: figures?.runYield,
    retest: figures?.retest,
    ntf: figures?.ntf,
    dut_only_fpy: figures?.dutOnlyFpy,
    marginal: figures?.marginal,
    inferred: figures?.inferred,
    connect: figures?.phaseFpy.connect,
    identify: figures?.phaseFpy.identify,
    loader: figures?.phaseFpy.loader,
    erase: figures?.phaseFpy.erase,
    write: figures?.phaseFpy.write,
    verify: figures?.phaseFpy.verify,
    boot: figures?.phaseFpy.boot,
  };
  const entries = Object.entries(byName).flatMap(([name, proportion]) => [
    [name, rounded(proportion?.rate?.share)],
    [`${name}_low`, rounded(proportion?.rate?.low)],
    [`${name}_high`, rounded(proportion?.rate?.high)],
  ]);
  // Each name of `byName` with its ends, which is what a RateKey is.
  return Object.fromEntries(entries) as Readonly<Record<RateKey, number | null>>;
}

/** Puts the name of the scope in front of each key. */
function ofScopes<Key extends string>(
  figures: Readonly<Record<FigureScope, YieldFigures | null>>,
  tell: (figures: YieldFigures | null) => Readonly<Record<Key, number | null>>,
): Readonly<Record<`${FigureScope}_${Key}`, number | null>> {
  const entries = figureScopes.flatMap((scope) =>
    Object.entries(tell(figures[scope])).map(([key, value]) => [`${scope}_${key}`, value]),
  );
  return Object.fromEntries(entries) as Readonly<Record<`${FigureScope}_${Key}`, number | null>>;
}

/** To a millionth: more digits say nothing. */
function rounded(share: number | undefined): number | null {
  return share === undefined ? null : Math.round(share * 1e6) / 1e6;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
