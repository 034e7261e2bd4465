import { expect, test } from 'vitest';
import { isOfDamage, mayResend, refusalFault, refusalText } from '../../src/bootloader/rom-status.ts';

test.for([
  { name: 'a failed flash operation', step: 'write', status: 0xc4, error: 0, code: 'W03' },
  { name: 'data that do not inflate', step: 'write', status: 0xc7, error: 0, code: 'W04' },
  { name: 'a wrong checksum in RAM', step: 'write', status: 0xc1, error: 0, code: 'W01' },
  { name: 'a wrong checksum in ROM', step: 'write', status: 1, error: 7, code: 'W01' },
  { name: 'a read-back that differs in ROM', step: 'write', status: 1, error: 8, code: 'W03' },
  { name: 'a late write error at the digest', step: 'verify', status: 0xc4, error: 0, code: 'W03' },
  { name: 'a late inflate error at the digest', step: 'verify', status: 0xc7, error: 0, code: 'W04' },
  { name: 'an unknown refusal of the digest', step: 'verify', status: 1, error: 0, code: 'V02' },
  { name: 'a refused erase', step: 'erase', status: 1, error: 0, code: 'W03' },
  { name: 'an erase whose request was damaged', step: 'erase', status: 0xc0, error: 0, code: 'W01' },
  { name: 'a refused upload', step: 'start', status: 1, error: 7, code: 'F06' },
  { name: 'a refused register', step: 'talk', status: 0xc0, error: 0, code: 'C04' },
] as const)('$name means $code', ({ step, status, error, code }) => {
  expect(refusalFault(step, { status, error })).toBe(code);
});

test('only blocks that were not taken may be sent again', () => {
  const again = [0xc0, 0xc1, 0xc4, 0xc7, 0xc9, 1].filter((status) => mayResend({ status, error: 0 }));
  expect(again).toEqual([0xc0, 0xc1]);
});

test('a refusal is told in words with both bytes', () => {
  expect(refusalText({ status: 1, error: 7 })).toBe('the checksum of the data is wrong (status 0x01 0x07)');
  expect(refusalText({ status: 0x33, error: 0 })).toBe('the reason is unknown (status 0x33 0x00)');
});

test.for([
  { status: 1, error: 5, damage: true },
  { status: 1, error: 6, damage: false },
  { status: 1, error: 0, damage: true },
  { status: 0xc0, error: 0, damage: true },
  { status: 0xc4, error: 0, damage: true },
  { status: 0x20, error: 0, damage: true },
  { status: 0x08, error: 0, damage: true },
  { status: 0xbb, error: 0x41, damage: true },
])('status $status $error is of damage on the line: $damage', ({ status, error, damage }) => {
  expect(isOfDamage({ status, error })).toBe(damage);
});
