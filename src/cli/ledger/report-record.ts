import type { LocalTime } from '../../foundation/local-time.ts';
import type { Report } from './report-data.ts';

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** A report as one JSON object: keys in lower_snake as in the records, shares 0 to 1, moments in ms since 1970. */
export function reportRecord(report: Report, local: LocalTime): Json {
  const { figures, extent, ...rest } = report;
  const all = { schema: 'jigd.report/1', timezone: local.zone, runs: extent.runs, ...figures, ...rest };
  return inSnakeCase(all as unknown as Json);
}

function inSnakeCase(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inSnakeCase);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snakeCase(key), inSnakeCase(inner)]));
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
