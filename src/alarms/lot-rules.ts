import type { YieldFigures, YieldScope } from '../ledger/yield/yield-figures.ts';
import { wilson } from '../ledger/yield/wilson.ts';
import { limitNow, percent } from './rule.ts';
import type { Lasts, Verdict } from './rule.ts';

const hours24Ms = 24 * 3_600_000;
/** A clock that is set back a little must not lose the last runs. */
const aheadMs = 60_000;
const leastFailed = 20;

/** Of which units the rules below speak: of the lot, where one is set, else of the last 24 h. */
export function scopeOf(lot: string | null, nowMs: number): YieldScope {
  return lot === null ? { fromMs: Math.round(nowMs) - hours24Ms, toMs: Math.round(nowMs) + aheadMs } : { lot };
}

/** Modules that failed first and passed later without a repair: contact, not product. @param limit percent of them */
export function falseFails(limit: number, { ntf }: YieldFigures, lot: string | null, lasts: Lasts): Verdict {
  const slug = 'false-fails';
  const { part, whole } = ntf;
  if (whole < limitNow(leastFailed, lasts(slug)) || (100 * part) / whole <= limitNow(limit, lasts(slug)))
    return [slug, null];
  const where = lot === null ? 'in the last 24 h' : `in lot ${lot}`;
  const detail = `${part} of ${whole} modules that failed first ${where} passed later: look at the contacts.`;
  return [slug, { nest: null, code: null, detail }];
}

/**
 * The first-pass yield of a lot against its target. Below it for certain, or not above it for certain in a lot so large
 * that one without a failure would be: every small lot lacks that.
 * @param target percent
 */
export function lotYield(target: number, { fpy }: YieldFigures, lot: string, lasts: Lasts): Verdict {
  const slug = 'lot-yield';
  const { part, whole, rate } = fpy;
  // What may fail is the limit: a lot close to its target must not alarm with each failure anew.
  const wanted = (100 - limitNow(100 - target, lasts(slug))) / 100;
  const atBest = wilson(whole, whole);
  if (rate === null || atBest === null) return [slug, null];
  const isLarge = atBest.low >= target / 100;
  if (rate.high >= wanted && !(isLarge && rate.low < wanted)) return [slug, null];
  const interval = `${percent(rate.low)} to ${percent(rate.high)} with 95 % certainty`;
  const detail = `${part} of ${whole} modules of lot ${lot} passed first, ${interval}; the target is ${target} %.`;
  return [slug, { nest: null, code: null, detail }];
}
