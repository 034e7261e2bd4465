import { expect, test } from 'vitest';
import { textTable } from '../../../src/cli/terminal/text-table.ts';

test('columns are as wide as their widest cell, and lines end without spaces', () => {
  const table = textTable(
    [{ title: 'NAME' }, { title: 'BYTES', align: 'right' }, { title: 'WHAT' }],
    [
      ['a', '1', 'first'],
      ['longer', '123456', ''],
    ],
  );
  expect(table.split('\n')).toEqual(['NAME     BYTES  WHAT', 'a            1  first', 'longer  123456', '']);
});

test('a table without rows is its headings', () => {
  expect(textTable([{ title: 'A' }, { title: 'B' }], [])).toBe('A  B\n');
});
