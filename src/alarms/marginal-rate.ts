import type { MarginalCount } from '../ledger/runs/recent-runs.ts';
import { wilson } from '../ledger/yield/wilson.ts';
import { limitNow, percent } from './rule.ts';
import type { Lasts, Verdict } from './rule.ts';

/** The passes that are looked at, and the time before them that they are compared with. */
export const marginalScope = { last: 100, beforeMs: 7 * 24 * 3_600_000 } as const;

const leastBefore = 200;
const leastMarginal = 5;

/**
 * Passes that needed repeats: pins or supply drift. The rise has to be more than chance, which doubles a rate of 1 % in
 * every fourth hundred.
 * @param times the rate of the time before
 */
export function marginalRate(
  times: number,
  { recent, before }: { readonly recent: MarginalCount; readonly before: MarginalCount },
  lasts: Lasts,
): Verdict {
  const slug = 'marginal-rate';
  if (recent.passed < marginalScope.last || before.passed < leastBefore) return [slug, null];
  const usual = before.marginal / before.passed;
  const now = recent.marginal / recent.passed;
  if (recent.marginal < limitNow(leastMarginal, lasts(slug)) || now < limitNow(times, lasts(slug)) * usual)
    return [slug, null];
  const low = wilson(recent.marginal, recent.passed)?.low ?? 0;
  if (low <= usual && !lasts(slug)) return [slug, null];
  const detail = `${recent.marginal} of the last ${recent.passed} passes needed repeats, ${percent(usual)} in the seven days before.`;
  return [slug, { nest: null, code: null, detail }];
}
