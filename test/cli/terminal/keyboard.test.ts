import { expect, test } from 'vitest';
import { keysIn } from '../../../src/cli/terminal/keyboard.ts';

test.for([
  { name: 'several keys', text: 'aB0', keys: ['a', 'B', '0'], quit: false },
  { name: 'q, and nothing after it', text: 'aqB', keys: ['a'], quit: true },
  { name: 'Ctrl-C', text: '\u0003', keys: [], quit: true },
  { name: 'an arrow, which ends in a capital letter', text: '\u001b[A', keys: [], quit: false },
  { name: 'a function key', text: 'x\u001bOP', keys: ['x'], quit: false },
  { name: 'Ctrl-C after an arrow', text: '\u001b[B\u0003', keys: [], quit: true },
])('the keyboard takes $name', ({ text, keys, quit }) => {
  expect(keysIn(text)).toEqual({ keys, quit });
});
