import { expect, test } from 'vitest';
import { mismatch } from '../../src/config/expectation.ts';

test('a long text of any bytes is shown short and without control characters', () => {
  const text = mismatch('a mapping', `\u0000\u001b[31m${'x'.repeat(3_000)}`);
  expect(text).toMatch(/^expected a mapping, found '\?\?\[31mx{54}…'\.$/);
});
