import { expect, test } from 'vitest';

import { PacedLine } from '../../../src/simulator/bench/paced-line.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** 10000 baud: one byte a millisecond. */
const BAUD = 10_000;

function pacedLine(): { clock: VirtualClock; line: PacedLine; arrived: () => number[] } {
  const clock = new VirtualClock();
  const arrived: number[] = [];
  const line = new PacedLine(clock, (bytes) => arrived.push(...bytes));
  return { clock, line, arrived: () => arrived };
}

const count = (length: number, first = 0): Uint8Array => Uint8Array.from({ length }, (_, index) => first + index);

test('bytes arrive at ten bits each, in order and in parts', () => {
  const { clock, line, arrived } = pacedLine();
  line.push(count(100), BAUD);
  expect(line.backlogMs).toBe(100);
  clock.advance(50);
  expect(arrived().length).toBeGreaterThanOrEqual(42);
  expect(arrived().length).toBeLessThanOrEqual(50);
  clock.advance(49);
  expect(arrived().length).toBeLessThan(100);
  clock.advance(1);
  expect(arrived()).toEqual([...count(100)]);
  expect(clock.pending).toBe(0);
});

test('a second block queues behind the first, each at its own rate', () => {
  const { clock, line, arrived } = pacedLine();
  line.push(count(10), BAUD);
  line.push(count(10, 10), BAUD / 2);
  clock.advance(10);
  expect(arrived()).toHaveLength(10);
  clock.advance(19);
  expect(arrived().length).toBeLessThan(20);
  clock.advance(1);
  expect(arrived()).toEqual([...count(20)]);
});

test('timers that come late cost no throughput while there is a backlog', () => {
  const clock = new VirtualClock();
  const late = { ...bound(clock), after: (ms: number, run: () => void) => clock.after(ms + 5, run) };
  let finishedMs = 0;
  let arrived = 0;
  const line = new PacedLine(late, (bytes) => {
    arrived += bytes.length;
    if (arrived === 1000) finishedMs = clock.monotonic();
  });
  for (let block = 0; block < 10; block += 1) line.push(count(100), BAUD);
  clock.advance(2000);
  expect(finishedMs).toBeGreaterThanOrEqual(1000);
  expect(finishedMs).toBeLessThanOrEqual(1006);
});

test('what is cleared never arrives, and the next block begins at once', () => {
  const { clock, line, arrived } = pacedLine();
  line.push(count(100), BAUD);
  clock.advance(10);
  const before = arrived().length;
  line.clear();
  expect(line.backlogMs).toBe(0);
  expect(clock.pending).toBe(0);
  line.push(count(5, 200), BAUD);
  clock.advance(5);
  expect(arrived().slice(before)).toEqual([...count(5, 200)]);
});

test('a block that is pushed while another arrives is not lost', () => {
  const clock = new VirtualClock();
  const arrived: number[] = [];
  const line: PacedLine = new PacedLine(clock, (bytes) => {
    arrived.push(...bytes);
    if (arrived.length === 5) line.push(count(5, 5), BAUD);
  });
  line.push(count(5), BAUD);
  clock.advance(20);
  expect(arrived).toEqual([...count(10)]);
});

function bound(clock: VirtualClock): Pick<VirtualClock, 'now' | 'monotonic' | 'sleep'> {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
