import { describe, expect, test } from 'vitest';
import { provisionalUnit } from '../../../src/ledger/runs/adoption.ts';
import type { RunBefore } from '../../../src/ledger/runs/adoption.ts';
import type { RunOpening } from '../../../src/nest/run/run-result.ts';
import { opening } from '../runs.ts';

const start = opening('now', { monoMs: 100_000 });
/** Unidentified, and over 10 s before the press. */
const before: RunBefore = {
  unit: '?first',
  mac: null,
  mode: 'production',
  operation: start.operation,
  boot_id: start.bootId,
  mono_ms: 85_000,
  ms_total: 5_000,
};

describe('the unit of the unidentified run before', () => {
  test.for<{ name: string; run?: Partial<RunBefore>; press?: Partial<RunOpening>; unit: string | null }>([
    { name: 'goes on within a minute of its end', unit: '?first' },
    { name: 'goes on until the very end of the minute', press: { monoMs: 150_000 }, unit: '?first' },
    { name: 'is another one later', press: { monoMs: 150_001 }, unit: null },
    {
      name: 'goes on however late when the sensor saw nothing',
      press: { monoMs: 9e9, exchanged: false },
      unit: '?first',
    },
    { name: 'is another one when the sensor saw a module come or go', press: { exchanged: true }, unit: null },
    { name: 'is not one that was identified', run: { mac: '5c:cf:7f:12:34:56' }, unit: null },
    { name: 'is another one after a boot', run: { boot_id: 'other' }, unit: null },
    { name: 'is another one where no boot can be told', run: { boot_id: null }, press: { bootId: null }, unit: null },
    { name: 'is another one under another operation', run: { operation: 'other' }, unit: null },
    { name: 'is none of a golden run', run: { mode: 'golden' }, unit: null },
    { name: 'does not go on into an engineering run', press: { mode: 'engineering' }, unit: null },
  ])('$name', ({ run, press, unit }) => {
    expect(provisionalUnit({ ...before, ...run }, { ...start, ...press })).toBe(unit);
  });

  test('there is none before the first run', () => {
    expect(provisionalUnit(null, start)).toBeNull();
  });
});
