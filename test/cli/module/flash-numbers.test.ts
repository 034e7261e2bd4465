import { expect, test } from 'vitest';
import { flashAddress, flashRange, flashSize } from '../../../src/cli/module/flash-numbers.ts';

test.for([
  ['0x3fc000', 0x3fc000],
  ['0X10', 16],
  ['4096', 4_096],
  ['010', 10],
  ['16K', 16_384],
  ['16kb', 16_384],
  ['1M', 0x100000],
  ['1MB', 0x100000],
] as const)('%s is %d bytes', ([text, bytes]) => {
  expect([flashAddress(text), flashSize(text)]).toEqual([bytes, bytes]);
});

test.for(['', 'x', '-1', '1.5', '1G', '0x', '0xg', '1 K', '17M', '0x1K', '1e3', 'K'])('%s is no number', (text) => {
  expect(() => flashAddress(text)).toThrow('Expected an address');
  expect(() => flashSize(text)).toThrow('Expected 1 byte to 16M');
});

test('16M is a size and no address, 0 an address and no size', () => {
  expect([flashSize('16M'), flashAddress('0')]).toEqual([0x1000000, 0]);
  expect(() => flashAddress('16M')).toThrow('below 16M');
  expect(() => flashSize('0')).toThrow('1 byte');
});

test('a range may go to the end', () => {
  expect(flashRange('0x100000:all')).toEqual({ address: 0x100000, bytes: 'all' });
  expect(flashRange('4K:0x2000')).toEqual({ address: 4_096, bytes: 8_192 });
});
