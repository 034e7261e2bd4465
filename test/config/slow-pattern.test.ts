import { expect, test } from 'vitest';
import { isSlowPattern } from '../../src/config/slow-pattern.ts';

test.for([/^(\w+\s?)+!$/, /(a+)+b/, /([a-z]+)*\d$/, /NodeMCU ((\d+)+)+x/, /ready (\s*\S*)*;/])(
  '%s may never end',
  (pattern) => {
    expect(isSlowPattern(pattern)).toBe(true);
  },
);

test.for([
  /NodeMCU (\S+)/,
  /.*NodeMCU (\S+)/,
  /(\S+) ready/,
  /version:\s*(\S+).*ready/,
  /rf_cal\[0\]/,
  /^(?:ok|done)\b[^]*>\s*$/,
  /v(\d+\.\d+(?:\.\d+)?)(?!-dev)/,
])('%s always ends', (pattern) => {
  expect(isSlowPattern(pattern)).toBe(false);
});
