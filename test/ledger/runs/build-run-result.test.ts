import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildRunResult, digestText, uncountedRunResult } from '../../../src/ledger/runs/build-run-result.ts';
import { resultKeys } from '../../../src/ledger/runs/run-row.ts';
import type { RunOutcome } from '../../../src/nest/run/outcome.ts';
import { failed, finishedAt, opening, passed, silent } from '../runs.ts';

test('a recorded pass has every key in the published order, and numbers are whole', () => {
  const result = buildRunResult(opening('r1'), passed(), {
    finishedAt,
    epoch: 'e1',
    seq: 7,
    counting: { unit: '5c:cf:7f:12:34:56', attempt: 2, reflash: false, link: 'direct', adopts: null },
  });
  expect(Object.keys(result)).toEqual(resultKeys);
  expect(result).toMatchObject({
    schema: 'jigd.result/1',
    run_id: 'r1',
    epoch: 'e1',
    seq: 7,
    started_at: '2026-03-14T08:21:07.412Z',
    finished_at: '2026-03-14T08:21:29.960Z',
    ts_ms: finishedAt,
    clock_synced: 1,
    mono_ms: 5_421_973,
    outcome: 'PASS',
    pass: 1,
    code: null,
    attempt: 2,
    cycle: 1,
    reflash: 0,
    dirty: 0,
    marginal: 0,
    replay: 0,
    ms_connect: 210,
    ms_write: 16_801,
    ms_total: 18_466,
    digest_expected: `0x00000=${'aa'.repeat(16)} 0x3fc000=${'ee'.repeat(16)}`,
    digest_actual: `0x10000=${'ab'.repeat(16)}`,
  });
});

test('a failure carries the name and the attribution of its code, and phases that were not entered are null', () => {
  const result = uncountedRunResult(opening('r1', { mode: 'engineering', nest: null }), silent(), finishedAt);
  expect(result).toMatchObject({
    epoch: null,
    seq: null,
    outcome: 'FAIL',
    pass: 0,
    code: 'C01',
    attribution: 'C',
    unit: '?r1',
    link: 'none',
    attempt: null,
    cycle: null,
    mac: null,
    dirty: 0,
    ms_connect: 2_400,
    ms_write: null,
  });
  expect(result.code_name).toMatch(/^[A-Z_]+$/);
});

test.for<{ outcome: RunOutcome; marginal: boolean; dirty: boolean; noted: number; half: number }>([
  { outcome: 'PASS', marginal: false, dirty: true, noted: 0, half: 0 },
  { outcome: 'PASS', marginal: true, dirty: true, noted: 1, half: 0 },
  { outcome: 'FAIL', marginal: true, dirty: true, noted: 0, half: 1 },
  { outcome: 'ABORTED', marginal: false, dirty: false, noted: 0, half: 0 },
])('$outcome with marginal $marginal and dirty $dirty', ({ outcome, marginal, dirty, noted, half }) => {
  const report = outcome === 'PASS' ? passed({ marginal, dirty }) : failed({ outcome, marginal, dirty });
  expect(uncountedRunResult(opening('r1'), report, finishedAt)).toMatchObject({ marginal: noted, dirty: half });
});

test.for([0, 128, null])('%s skipped bytes are recorded beside those that were sent', (bytesSkipped) => {
  const result = uncountedRunResult(opening('r1'), passed({ bytesSkipped }), finishedAt);
  expect(result).toMatchObject({ bytes: 597_664, bytes_skipped: bytesSkipped, bytes_sent: 398_357 });
});

test('digests are sorted by address, whatever their order was', () => {
  const regions = fc.uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1 });
  fc.assert(
    fc.property(regions, (addresses) => {
      const text = digestText(addresses.map((address) => ({ address, md5: 'ab' }))) ?? '';
      const found = text.split(' ').map((part) => Number(part.split('=')[0]));
      expect(found).toEqual(addresses.toSorted((one, other) => one - other));
    }),
  );
  expect(digestText([])).toBeNull();
});
