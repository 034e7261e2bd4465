import { expect, test } from 'vitest';
import { ProgressBar, progressText } from '../../../src/cli/terminal/progress-bar.ts';

test.for([
  { share: 0, columns: 40, bar: '░'.repeat(23), percent: '0 %' },
  { share: 0.5, columns: 37, bar: '█'.repeat(10) + '░'.repeat(10), percent: '50 %' },
  { share: 1, columns: 200, bar: '█'.repeat(60), percent: '100 %' },
  { share: 0.999, columns: 17, bar: '', percent: '99 %' },
])('a share of $share fits into $columns columns', ({ share, columns, bar, percent }) => {
  const text = progressText('write', share, columns);
  expect(text.length).toBeLessThan(Math.max(columns, 18));
  expect(text).toBe(`write     ${bar} ${percent.padStart(5)}`);
});

function recorded(errColumns: number | null) {
  const written: string[] = [];
  return { written, output: { out: () => undefined, err: (text: string) => void written.push(text), errColumns } };
}

test('elsewhere than on a terminal there is one plain line for each phase', () => {
  const { written, output } = recorded(null);
  const bar = new ProgressBar(output);
  bar.phase('connect');
  bar.phase('write');
  bar.share(0.3);
  bar.line('ESP8266EX');
  bar.clear();
  expect(written).toEqual(['connect\n', 'write\n', 'ESP8266EX\n']);
});

test('on a terminal the line is drawn over and taken away', () => {
  const { written, output } = recorded(40);
  const bar = new ProgressBar(output);
  bar.phase('write');
  bar.share(0.5);
  bar.share(0.5);
  bar.clear();
  expect(written).toHaveLength(3);
  expect(written.every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true);
  expect(written.at(-1)?.trim()).toBe('');
});
