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

/** Text that matches an expression. @param expected how to say it in words */
export function textLike(pattern: RegExp, expected: string): z.ZodString {
  return z.string().regex(pattern, { error: (issue) => mismatch(expected, issue.input) });
}
