import * as z from 'zod';
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
  nestFails: limit(2, 100, 3).describe(
    'So many failures in a row on one nest, all of the contact or all of the station, lock the nest, `S07`.',
  ),
  stationFails: limit(2, 100, 4).describe(
    'So many failures in a row, of any kind and on any nest, lock the station, `S07`.',
  ),
  sameCode: limit(2, 20, 5).describe('The same code on so many of the last 20 runs of all nests raises an alarm.'),
  nestYield: limit(1, 100, 3).describe(
    'A run yield so many points below that of the best nest raises an alarm, over the last 200 runs of each, from 50 on.',
  ),
  falseFails: limit(1, 100, 50).describe(
    'More percent of the modules that failed first and passed later without repair raise an alarm, from 20 on.',
  ),
  lotYield: limit(1, 100, 98).describe('Percent that the first-pass yield of the lot has to reach, with certainty.'),
  noFailures: limit(100, 1_000_000, 2_000).describe(
    'So many runs without a failure raise an alarm: run a module that must fail.',
  ),
  marginalRate: limit(2, 100, 2).describe(
    'Passes that needed repeats, so many times as often as in the last seven days, raise an alarm.',
  ),
  linkTime: limit(1, 100, 3).describe(
    'A mean time to connect or to write that has moved by so many standard deviations raises an alarm.',
  ),
  newFlashId: z
    .enum(['on', 'off'])
    .default('on')
    .describe('A flash part that the product has not had raises an alarm.'),
  blockedStarts: limit(1, 1_000, 10).describe('More refused starts for each 100 runs raise an alarm.'),
});

/** When something is told as an alarm; null: never. */
export interface AlarmConfig {
  readonly nestFails: number | null;
  readonly stationFails: number | null;
  readonly sameCode: number | null;
  /** Points of run yield. */
  readonly nestYield: number | null;
  /** Percent. */
  readonly falseFails: number | null;
  /** Percent. */
  readonly lotYield: number | null;
  readonly noFailures: number | null;
  /** Times the rate of the last seven days. */
  readonly marginalRate: number | null;
  /** Standard deviations. */
  readonly linkTime: number | null;
  readonly newFlashId: boolean;
  /** For each 100 runs. */
  readonly blockedStarts: number | null;
}

export function alarmConfig({ newFlashId, ...limits }: z.output<typeof alarms>): AlarmConfig {
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
