import { z } from 'zod';
import { countedPhases } from '../ledger/runs/unit-rows.ts';

/** What the retained figures are told of: the shift under way, the lot of the station, the last 24 h. */
export const figureScopes = ['shift', 'lot', 'h24'] as const;
export type FigureScope = (typeof figureScopes)[number];

/** Counts of a scope, each with the name of the scope in front: `shift_units`. */
export const countNames = [
  'units',
  'good',
  'unidentified',
  'runs',
  'passed',
  'failed',
  'errors',
  'aborted',
  'marginal',
] as const;

/** Rates of a scope, each with the ends of its interval: `shift_fpy`, `shift_fpy_low`, `shift_fpy_high`. */
export const rateNames = [
  'fpy',
  'pass2',
  'pass3',
  'final',
  'run',
  'retest',
  'ntf',
  'dut_only_fpy',
  'marginal',
  'inferred',
  ...countedPhases,
] as const;
export type RateName = (typeof rateNames)[number];
export type RateKey = RateName | `${RateName}_low` | `${RateName}_high`;

/** Runs since the beginning of the ledger. */
export const totalNames = ['total_passed', 'total_failed', 'total_errors', 'total_aborted', 'total_marginal'] as const;

const text = z.string().nullable();
const time = z.iso.datetime({ precision: 3 });
const count = z.int().min(0).nullable();
const share = z.number().min(0).max(1).nullable();

/** A shape with a value for each name. */
function each<Name extends string, Schema extends z.ZodType>(
  names: readonly Name[],
  schema: Schema,
): Readonly<Record<Name, Schema>> {
  return Object.fromEntries(names.map((name) => [name, schema])) as unknown as Readonly<Record<Name, Schema>>;
}

function scoped<Name extends string>(names: readonly Name[]): `${FigureScope}_${Name}`[] {
  return figureScopes.flatMap((scope) => names.map((name) => `${scope}_${name}` as const));
}

const rateKeys = rateNames.flatMap((name): RateKey[] => [name, `${name}_low`, `${name}_high`]);

const header = {
  station: text,
  line: text,
  at: time.describe('When the figures were read; the end of the 24 h.'),
  ts_ms: z.int().describe('`at` as ms since 1970.'),
  epoch: z.string().describe('The ledger in which `seq` counts.'),
  last_seq: z.int().min(0).describe('The highest `seq` that is in the figures.'),
  shift_start: time,
  shift_end: time,
  lot: text.describe('The lot of the `lot_` keys, which are null without one.'),
};

/** The payload of the topic `counters`. */
export const counters = z.strictObject({
  schema: z.literal('jigd.counters/1'),
  ...header,
  ...each(scoped(countNames), count),
  ...each(totalNames, z.int().min(0)),
});

/** The payload of the topic `yield`: shares 0 … 1, null where there is nothing to count. */
export const yieldSchema = z.strictObject({
  schema: z.literal('jigd.yield/1'),
  fpy_def: z.literal('first_ever').describe('A unit counts where its first countable run ever was.'),
  ...header,
  ...each(scoped(['units']), count),
  ...each(scoped(rateKeys), share),
});
