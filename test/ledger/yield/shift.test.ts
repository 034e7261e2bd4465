import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shiftAt } from '../../../src/ledger/yield/shift.ts';

const three = ['06:00', '14:00', '22:00'];

function shift(at: string, timezone: string, shifts: readonly string[]): string {
  const { fromMs, toMs } = shiftAt(Date.parse(at), { timezone, shifts });
  return `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}`.replaceAll(':00.000Z', 'Z');
}

describe('the shift that a moment is in', () => {
  test.for([
    ['2026-03-14T08:21:07Z', 'Asia/Ho_Chi_Minh', three, '2026-03-14T07:00Z/2026-03-14T15:00Z'],
    ['2026-03-14T06:59:59.999Z', 'Asia/Ho_Chi_Minh', three, '2026-03-13T23:00Z/2026-03-14T07:00Z'],
    ['2026-03-14T15:00:00Z', 'Asia/Ho_Chi_Minh', three, '2026-03-14T15:00Z/2026-03-14T23:00Z'],
    ['2026-03-14T18:00:00Z', 'Asia/Kolkata', ['07:15'], '2026-03-14T01:45Z/2026-03-15T01:45Z'],
    ['2026-12-31T23:30:00Z', 'UTC', three, '2026-12-31T22:00Z/2027-01-01T06:00Z'],
    // The night in which the clocks go forward is an hour shorter, the one in which they go back an hour longer.
    ['2026-03-29T00:30:00Z', 'Europe/Berlin', three, '2026-03-28T21:00Z/2026-03-29T04:00Z'],
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', three, '2026-10-24T20:00Z/2026-10-25T05:00Z'],
    ['2026-03-08T12:00:00Z', 'America/New_York', [], '2026-03-08T05:00Z/2026-03-09T04:00Z'],
    ['2026-11-01T12:00:00Z', 'America/New_York', [], '2026-11-01T04:00Z/2026-11-02T05:00Z'],
    // 02:30 is left out: the shift begins at the change, 02:00 to 03:00.
    ['2026-03-29T01:00:00Z', 'Europe/Berlin', ['02:30'], '2026-03-29T01:00Z/2026-03-30T00:30Z'],
    ['2026-03-29T00:59:59Z', 'Europe/Berlin', ['02:30'], '2026-03-28T01:30Z/2026-03-29T01:00Z'],
    // 02:30 comes twice: the shift begins at the first, and the second is within it.
    ['2026-10-25T01:45:00Z', 'Europe/Berlin', ['02:30'], '2026-10-25T00:30Z/2026-10-26T01:30Z'],
    // The clocks go forward at midnight, so the day begins at 01:00.
    ['2026-09-06T12:00:00Z', 'America/Santiago', [], '2026-09-06T04:00Z/2026-09-07T03:00Z'],
    // Half an hour of change.
    ['2026-10-03T15:00:00Z', 'Australia/Lord_Howe', three, '2026-10-03T11:30Z/2026-10-03T19:00Z'],
    // 30 December 2011 does not exist in Samoa.
    ['2011-12-30T09:59:00Z', 'Pacific/Apia', [], '2011-12-29T10:00Z/2011-12-30T10:00Z'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', [], '2011-12-30T10:00Z/2011-12-31T10:00Z'],
  ] as const)('%s in %s with %j is %s', ([at, timezone, shifts, expected]) => {
    expect(shift(at, timezone, shifts)).toBe(expected);
  });

  test('without a time zone it is that of the host', () => {
    const at = Date.UTC(2026, 5, 1, 12);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(shiftAt(at, { timezone: null, shifts: three })).toEqual(shiftAt(at, { timezone: timeZone, shifts: three }));
  });
});

test('shifts follow each other without a gap, whatever the zone, the year and the plan', () => {
  const zones = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu'];
  const time = fc.integer({ min: 0, max: 24 * 60 - 1 });
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) }),
      fc.uniqueArray(time, { maxLength: 4 }),
      (timezone, at, times) => {
        const shifts = times
          .toSorted((one, other) => one - other)
          .map((minutes) =>
            [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':'),
          );
        const plan = { timezone, shifts };
        const now = shiftAt(at, plan);
        expect(now.fromMs).toBeLessThanOrEqual(at);
        expect(now.toMs).toBeGreaterThan(at);
        expect(shiftAt(now.fromMs, plan)).toEqual(now);
        expect(shiftAt(now.toMs - 1, plan)).toEqual(now);
        expect(shiftAt(now.toMs, plan).fromMs).toBe(now.toMs);
      },
    ),
    { numRuns: 300 },
  );
});
