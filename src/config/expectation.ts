import type * as z from 'zod';

/** What was expected and what was found, as one sentence, for issues without a text of their own in the schema. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return mismatch(kinds[issue.expected] ?? issue.expected, issue.input);
    case 'invalid_value':
      return mismatch(issue.values.map(String).join(' or '), issue.input);
    case 'too_small':
      return issue.origin === 'array' ? 'expected at least one entry.' : 'expected some text, found none.';
    default:
      return undefined;
  }
}

/** "expected …, found …"; with the advice to quote where YAML made a number or a yes-no of what should be text. */
export function mismatch(expected: string, found: unknown): string {
  if (found === undefined) return `this key is missing; expected ${expected}.`;
  const advice =
    expected === kinds['string'] && (typeof found === 'number' || typeof found === 'boolean')
      ? '; put it in quotes'
      : '';
  return `expected ${expected}, found ${describe(found)}${advice}.`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping',
  array: 'a list',
};

function describe(found: unknown): string {
  if (found === null) return 'nothing';
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'string') return `'${shortText(found)}'`;
  if (typeof found === 'number') return `the number ${found}`;
  return typeof found === 'boolean' ? `the value ${String(found)}` : 'a mapping';
}

const shownLength = 60;

/** A file that is no YAML at all may be one long text of any bytes. */
function shortText(text: string): string {
  const shown = text.slice(0, shownLength).replace(/\p{Cc}/gu, '?');
  return text.length > shownLength ? `${shown}…` : shown;
}
