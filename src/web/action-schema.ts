import * as z from 'zod';
import { isAlarmSlug } from '../foundation/alarm-slugs.ts';
import type { AlarmSlug } from '../foundation/alarm-slugs.ts';
import type { StationAction } from '../nest/station-actions.ts';

const text = (most: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1, { error: 'expected some text.' })
    .max(most, { error: `expected at most ${most} characters.` })
    // It ends up in logs and on screens.
    .regex(/^\P{Cc}*$/u, { error: 'expected no control characters.' });

const nest = z.int({ error: 'expected the number of a nest.' }).min(1).max(99);
const place = z.union([nest, z.literal('station')], { error: 'expected the number of a nest, or station.' });

/**
 * What a request to do something has to look like.
 * @param nests numbers of the nests of the station
 */
export function requestSchema(nests: readonly number[]): z.ZodType<ActionRequest> {
  const alarm = z.custom<AlarmSlug>((value) => typeof value === 'string' && isAlarmSlug(value, nests), {
    error: 'expected the name of an alarm, such as new-flash-id: the last level of its topic.',
  });
  return z.strictObject({
    // What the station does by itself has this name in the audit trail.
    who: text(64).refine((who) => who !== 'station', { error: 'expected the name of a person, not station.' }),
    action: z.discriminatedUnion(
      'verb',
      [
        z.strictObject({ verb: z.literal('lock'), place, reason: text(200) }),
        z.strictObject({ verb: z.literal('unlock'), place }),
        z.strictObject({ verb: z.literal('release'), mac: text(32) }),
        z.strictObject({ verb: z.literal('accept-part'), flashId: text(32) }),
        z.strictObject({ verb: z.literal('approve'), job: text(64).nullable(), hash: text(80) }),
        z.strictObject({ verb: z.literal('select-job'), job: text(64) }),
        z.strictObject({ verb: z.literal('next-run'), nest, mode: z.enum(['production', 'golden', 'limit']) }),
        z.strictObject({ verb: z.literal('acknowledge'), alarm }),
      ],
      { error: 'expected a verb that this version knows.' },
    ),
  });
}

/** What a person wants done. */
export interface ActionRequest {
  /** Who says so: a login or a badge. */
  readonly who: string;
  readonly action: StationAction;
}
