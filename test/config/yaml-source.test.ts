import { expect, test } from 'vitest';
import { closeMatch } from '../../src/config/close-match.ts';
import { readYaml } from '../../src/config/yaml-source.ts';
import { problemsOf, shortly } from './config-samples.ts';

test.for([
  {
    name: 'a key that is written twice',
    text: 'a: 1\nb: 2\na: 3\n',
    problems: [/^3:1 a: this key is written twice\.$/],
  },
  {
    name: 'a key that is written twice further in',
    text: 'a:\n  - { x: 1, x: 2 }\n',
    problems: [/^2:13 x: this key is written twice\.$/],
  },
  { name: 'an open bracket', text: 'a: [1, 2\nb: 3\n', problems: [/^\d:\d+ : this is no valid YAML: /] },
  { name: 'a tab as indentation', text: 'a:\n\tb: 1\n', problems: [/^2:\d this is no valid YAML|^2:\d+ : this is no/] },
  { name: 'two documents', text: 'a: 1\n---\nb: 2\n', problems: [/^\d:\d+ : this is no valid YAML: /] },
  { name: 'an alias of nothing', text: 'a: *gone\n', problems: [/ : this is no valid YAML: /] },
  { name: 'an unknown tag', text: 'a: !what 1\n', problems: [/^1:4 : this is no valid YAML: /] },
])('$name is refused', ({ text, problems }) => {
  const found = shortly(problemsOf(() => readYaml(text, 'f.yaml')));
  expect(found.length).toBeGreaterThanOrEqual(problems.length);
  for (const [index, problem] of problems.entries()) expect(found[index]).toMatch(problem);
});

const noText = 'this is no text file: expected UTF-8 without control characters.';

test.for([
  { name: 'an image', bytes: [0xe9, 0x02, 0x00, 0x40, 0x0a, 0x1b, 0x5b], problems: [`1:1 : ${noText}`] },
  {
    name: 'text of another encoding',
    bytes: [...Buffer.from('a: 1\nb: f\xfcr', 'latin1')],
    problems: [`2:5 : ${noText}`],
  },
  { name: 'a text with an escape', bytes: [...Buffer.from('a: \x1b[31m')], problems: [`1:4 : ${noText}`] },
])('$name is said to be no text, and nothing else', ({ bytes, problems }) => {
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  expect(shortly(problemsOf(() => readYaml(text, 'fw.bin')))).toEqual(problems);
});

test('umlauts, tabs and Windows line ends are text', () => {
  expect(readYaml('a:\tPrüfung\r\nb: 2\r\n', 'f.yaml').value).toEqual({ a: 'Prüfung', b: 2 });
});

test('of many mistakes in the syntax the first three are told, each in one short line', () => {
  const noise = `a: 1\n${`}]] ${'x'.repeat(500)}\n`.repeat(40)}`;
  const problems = problemsOf(() => readYaml(noise, 'f.yaml'));
  expect(problems).toHaveLength(3);
  for (const { message } of problems) {
    expect(message).toMatch(/^this is no valid YAML: [^\n]+$/);
    expect(message.length).toBeLessThan(200);
  }
});

const text = `a: 1
list:
  - name: x
    deep: { y: 2 }
  - &second
    name: z
again: *second
empty:
`;

test.for([
  { path: ['a'], at: 'value', line: 1, column: 4 },
  { path: ['a'], at: 'key', line: 1, column: 1 },
  { path: ['list', 0, 'deep', 'y'], at: 'value', line: 4, column: 16 },
  { path: ['list', 0, 'deep', 'missing'], at: 'value', line: 4, column: 5 },
  { path: ['list', 0, 'missing'], at: 'value', line: 3, column: 5 },
  { path: ['list', 7], at: 'value', line: 2, column: 1 },
  { path: ['again', 'name'], at: 'value', line: 6, column: 11 },
  { path: ['missing'], at: 'value', line: 1, column: 1 },
  { path: ['a', 'below'], at: 'value', line: 1, column: 1 },
  { path: [], at: 'value', line: 1, column: 1 },
] as const)('a problem with the $at of $path is at $line:$column', ({ path, at, line, column }) => {
  expect(readYaml(text, 'f.yaml').problem(path, 'wrong.', at)).toMatchObject({ line, column, message: 'wrong.' });
});

test('values come out as YAML 1.2 reads them', () => {
  expect(readYaml('{ a: 0x10000, b: off, c: 06:00, d: 4MB, e: 2.3.1 }', 'f').value).toEqual({
    a: 65_536,
    b: 'off',
    c: '06:00',
    d: '4MB',
    e: '2.3.1',
  });
});

test.for([
  { text: 'buton', match: 'button' },
  { text: 'Baud', match: 'baud' },
  { text: 'gpio', match: 'gpio0' },
  { text: 'xx', match: undefined },
  { text: 'pages', match: undefined },
])('the closest of the known keys to $text is $match', ({ text: wrong, match }) => {
  expect(closeMatch(wrong, ['button', 'baud', 'gpio0', 'path'])).toBe(match);
});
