import { expect, test } from 'vitest';
import { LocalTime } from '../../src/foundation/local-time.ts';

const utc = (text: string): number => Date.parse(text);

test.for([
  { zone: 'UTC', at: '2026-11-23T06:00:09Z', text: '2026-11-23 06:00:09' },
  { zone: 'Asia/Ho_Chi_Minh', at: '2026-11-22T23:30:00Z', text: '2026-11-23 06:30:00' },
  { zone: 'America/New_York', at: '2026-01-01T04:59:59.999Z', text: '2025-12-31 23:59:59' },
  { zone: 'Asia/Kathmandu', at: '2026-11-23T00:00:00Z', text: '2026-11-23 05:45:00' },
])('the clock in $zone shows $text at $at, and back', ({ zone, at, text }) => {
  const local = new LocalTime(zone);
  expect(local.text(utc(at))).toBe(text);
  expect(local.moment(local.at(utc(at)))).toBe(Math.floor(utc(at) / 1000) * 1000);
});

test.for([
  { name: 'in summer', hour: [2026, 7, 1, 12], at: '2026-07-01T10:00:00Z' },
  { name: 'the first of two, when the clock is put back', hour: [2026, 10, 25, 2], at: '2026-10-25T00:00:00Z' },
  { name: 'after that', hour: [2026, 10, 25, 3], at: '2026-10-25T02:00:00Z' },
  { name: 'one that the clock jumps over', hour: [2026, 3, 29, 2], at: '2026-03-29T01:00:00Z' },
  { name: 'just before the jump', hour: [2026, 3, 29, 1], at: '2026-03-29T00:00:00Z' },
  { name: 'a day too large is carried over', hour: [2026, 2, 29, 0], at: '2026-02-28T23:00:00Z' },
])('an hour in Berlin, $name', ({ hour: [year = 0, month = 0, day = 0, hour = 0], at }) => {
  const moment = new LocalTime('Europe/Berlin').moment({ year, month, day, hour, minute: 0, second: 0 });
  expect(new Date(moment).toISOString()).toBe(new Date(at).toISOString());
});
