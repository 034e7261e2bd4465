import * as z from 'zod';
import { mismatch } from './expectation.ts';

/** A whole number within bounds, both allowed. */
export function wholeNumber(least: number, most: number): z.ZodInt {
  const error = (issue: { readonly input?: unknown }): string =>
    mismatch(`a whole number from ${least} to ${most}`, issue.input);
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** Text for people: 1 to `most` characters in one line. */
export function label(most = 64): z.ZodString {
  const error = `expected 1 to ${most} characters in one line, without spaces around them.`;
  return z
    .string()
    .min(1, { error })
    .max(most, { error })
    .regex(/^(?!\s)\P{Cc}*(?<!\s)$/u, { error });
}

/** A name that becomes part of topics, file names and keys. */
export function id(): z.ZodString {
  return z.string().regex(/^[a-z0-9_-]{1,64}$/, {
    error: (issue) => mismatch('lower-case letters, digits, - and _, at most 64', issue.input),
  });
}

/**
 * A time as people write it, `500ms`, `2.5s` or `24h`, or a number of milliseconds; both bounds are allowed.
 * @param example what follows "such as" in messages, as in "'20ms'"
 */
export function duration(
  leastMs: number,
  mostMs: number,
  example: string,
): z.ZodUnion<[z.ZodInt, z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>]> {
  const words = `a time from ${timeText(leastMs)} to ${timeText(mostMs)}, such as ${example}`;
  const error = (issue: { readonly input?: unknown }): string => mismatch(words, issue.input);
  const text = z.string().transform((written, context) => {
    const ms = millisecondsOf(written);
    if (ms >= leastMs && ms <= mostMs) return ms;
    context.issues.push({ code: 'custom', input: written, message: mismatch(words, written) });
    return z.NEVER;
  });
  return z.union([z.int({ error }).min(leastMs, { error }).max(mostMs, { error }), text], { error });
}

/** NaN for what is no time. */
function millisecondsOf(written: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|h)$/.exec(written) ?? [];
  return Math.round(Number(number) * (unitMs[unit] ?? Number.NaN));
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, h: 3_600_000 };

function timeText(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

/** Text that matches an expression. @param expected how to say it in words */
export function textLike(pattern: RegExp, expected: string): z.ZodString {
  return z.string().regex(pattern, { error: (issue) => mismatch(expected, issue.input) });
}
