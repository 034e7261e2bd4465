import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecord } from '../../../src/cli/ledger/csv.ts';
import { readCsv } from '../csv-reader.ts';

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', ';', '\r', '\n', '\t', '=', '+', '-', '@', "'", ' ', 'ü', '语', '|'),
    fc.string(),
  ),
});
/** What a reader takes for the beginning of a formula. */
const formula = /^[=+\-@\t\r\n]/;

/** The text of a cell, without the mark that keeps it from being a formula. */
const withoutMark = (cell: string): string => (cell.startsWith("'") ? cell.slice(1) : cell);

test('every text comes back from a CSV, and none of them is a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.array(nasty, { minLength: 2 }), { minLength: 1 }), (records) => {
      const read = readCsv(records.map(csvRecord).join(''));
      expect(read.map((cells) => cells.map(withoutMark))).toEqual(records);
      for (const cell of read.flat()) expect(cell).not.toMatch(formula);
    }),
  );
});

test.for([
  { name: 'a plain text', cell: 'esp12-a', text: 'esp12-a' },
  { name: 'nothing', cell: null, text: '' },
  { name: 'a negative number, which stays one', cell: -5, text: '-5' },
  { name: 'a text that looks like one', cell: '-5', text: "'-5" },
  { name: 'a formula', cell: '=HYPERLINK("http://x";"y")', text: '"\'=HYPERLINK(""http://x"";""y"")"' },
  { name: 'a command of old spreadsheets', cell: "@SUM(1+1)*cmd|' /C calc'!A0", text: "'@SUM(1+1)*cmd|' /C calc'!A0" },
  { name: 'a tab in front of it', cell: '\t=1', text: '"\'\t=1"' },
  { name: 'a comma', cell: 'a,b', text: '"a,b"' },
  { name: 'a line feed', cell: 'a\nb', text: '"a\nb"' },
  { name: 'a quote', cell: 'a"b', text: '"a""b"' },
  { name: 'spaces around', cell: ' a ', text: '" a "' },
])('$name', ({ cell, text }) => {
  expect(csvRecord([cell])).toBe(`${text}\r\n`);
});
