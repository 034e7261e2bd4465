import * as z from 'zod';
import { usualAlarmLimits as usual } from '../foundation/alarm-limits.ts';
import type { AlarmLimits } from '../foundation/alarm-limits.ts';
import { mismatch } from './expectation.ts';
import { wholeNumber } from './fields.ts';

const limit = (
  least: number,
  most: number,
  fallback: number,
): z.ZodPrefault<z.ZodUnion<readonly [z.ZodLiteral<'off'>, z.ZodInt]>> =>
  z
    .union([z.literal('off'), wholeNumber(least, most)], {
      error: (issue) => mismatch(`a whole number from ${least} to ${most}, or off`, issue.input),
    })
    .prefault(fallback);

/** The key `alarms` of the station file (production reference §10). */
export const alarms = z.strictObject({
  nestFails: limit(2, 100, usual.nestFails).describe(
    'So many failures in a row on one nest, all of the contact or all of the station, lock the nest, `S07`.',
  ),
  stationFails: limit(2, 100, usual.stationFails).describe(
    'So many failures in a row, of any kind and on any nest, lock the station, `S07`.',
  ),
  sameCode: limit(2, 20, usual.sameCode).describe(
    'The same code on so many of the last 20 runs of all nests raises an alarm.',
  ),
  nestYield: limit(1, 100, usual.nestYield).describe(
    'A run yield so many points below that of the best nest raises an alarm, over the last 200 runs of each, from 50 on.',
  ),
  falseFails: limit(1, 100, usual.falseFails).describe(
    'More percent of the modules that failed first and passed later without repair raise an alarm, from 20 on.',
  ),
  lotYield: limit(1, 100, usual.lotYield).describe(
    'Percent that the first-pass yield of the lot has to reach, with certainty.',
  ),
  // More would have to be counted at each start, which must not take long.
  noFailures: limit(100, 100_000, usual.noFailures).describe(
    'So many runs without a failure raise an alarm: run a module that must fail.',
  ),
  marginalRate: limit(2, 100, usual.marginalRate).describe(
    'Passes that needed repeats, so many times as often as in the last seven days, raise an alarm.',
  ),
  linkTime: limit(1, 100, usual.linkTime).describe(
    'A mean time to connect or to write that has moved by so many standard deviations raises an alarm.',
  ),
  newFlashId: z
    .enum(['on', 'off'])
    .default('on')
    .describe('A flash part that the product has not had raises an alarm.'),
  blockedStarts: limit(1, 1_000, usual.blockedStarts).describe('More refused starts for each 100 runs raise an alarm.'),
});

export function alarmConfig({ newFlashId, ...limits }: z.output<typeof alarms>): AlarmLimits {
  const on = (limit: number | 'off'): number | null => (limit === 'off' ? null : limit);
  return {
    nestFails: on(limits.nestFails),
    stationFails: on(limits.stationFails),
    sameCode: on(limits.sameCode),
    nestYield: on(limits.nestYield),
    falseFails: on(limits.falseFails),
    lotYield: on(limits.lotYield),
    noFailures: on(limits.noFailures),
    marginalRate: on(limits.marginalRate),
    linkTime: on(limits.linkTime),
    newFlashId: newFlashId === 'on',
    blockedStarts: on(limits.blockedStarts),
  };
}
