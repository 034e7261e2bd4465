import { beforeEach, describe, expect, test } from 'vitest';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { FaultLamp } from '../../../src/nest/lamps/fault-lamp.ts';
import type { NestStateName, StationEvent } from '../../../src/nest/station-event.ts';
import { SimulatedLines } from '../../../src/simulator/bench/simulated-lines.ts';

let lines: SimulatedLines;
let lamp: FaultLamp;
let failures: unknown[];
let failing: boolean;

beforeEach(async () => {
  lines = new SimulatedLines();
  failures = [];
  failing = false;
  const line = await lines.openOutput({ bcm: 26, active: 'high', drive: 'push-pull' }, 'station fault');
  const flaky = {
    set: (on: boolean) => {
      if (failing) throw new Error('EIO');
      line.set(on);
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
  lamp = new FaultLamp(flaky, (error) => failures.push(error));
});

const isLit = (): boolean => lines.wire(26).level === 'high';
const nestState = (nest: number, state: NestStateName, code: FaultCode | null = null): StationEvent => ({
  kind: 'nestState',
  state: { nest, state, code, runId: null, phase: null, progress: null },
});
const jobLoaded: StationEvent = {
  kind: 'jobLoaded',
  job: { job: 'j1', jobHash: 'sha256:0', operation: 'o1', product: 'j1', release: null },
};

test('is off from the start', () => {
  expect(isLit()).toBe(false);
});

describe('what a nest shows', () => {
  test.for<{ name: string; state: NestStateName; code: FaultCode | null; on: boolean }>([
    { name: 'nothing', state: 'ready', code: null, on: false },
    { name: 'a pass', state: 'passed', code: null, on: false },
    { name: 'a fault of the module', state: 'failed', code: 'V01', on: false },
    { name: 'a poor contact', state: 'failed', code: 'C01', on: false },
    { name: 'that somebody stopped it', state: 'aborted', code: 'O01', on: false },
    { name: 'that the port is missing', state: 'error', code: 'S04', on: true },
    { name: 'that the result is not saved', state: 'error', code: 'S01', on: true },
    { name: 'that the lines do not obey', state: 'error', code: 'S03', on: true },
    { name: 'that a file of the job has changed', state: 'blocked', code: 'J03', on: true },
  ])('$name', ({ state, code, on }) => {
    lamp.accept(nestState(1, state, code));
    expect(isLit()).toBe(on);
  });

  test('keeps it lit until the last of them has started again', () => {
    lamp.accept(nestState(1, 'error', 'S04'));
    lamp.accept(nestState(2, 'blocked', 'J02'));
    lamp.accept(nestState(1, 'running'));
    expect(isLit()).toBe(true);
    lamp.accept(nestState(3, 'passed'));
    expect(isLit()).toBe(true);
    lamp.accept(nestState(2, 'running'));
    expect(isLit()).toBe(false);
  });
});

test('a missing job lights it until one is loaded, whatever the nests show', () => {
  lamp.jobMissing();
  lamp.accept(nestState(1, 'ready'));
  expect(isLit()).toBe(true);
  lamp.accept(jobLoaded);
  expect(isLit()).toBe(false);
});

test('a line that failed keeps it lit, since nobody knows what that line does now', () => {
  lamp.lineFailed();
  lamp.accept(nestState(1, 'running'));
  lamp.accept(jobLoaded);
  expect(isLit()).toBe(true);
});

test('its own failure is told once, and it shows the truth as soon as its line obeys again', () => {
  failing = true;
  lamp.accept(nestState(1, 'error', 'S04'));
  lamp.accept(nestState(2, 'ready'));
  lamp.accept(nestState(3, 'ready'));
  expect([failures.length, isLit()]).toEqual([1, false]);
  failing = false;
  lamp.accept(nestState(2, 'running'));
  expect(isLit()).toBe(true);
});

test('disposed it is off for good', () => {
  lamp.accept(nestState(1, 'error', 'S04'));
  lamp[Symbol.dispose]();
  lamp.accept(nestState(2, 'error', 'S04'));
  lamp.jobMissing();
  expect(isLit()).toBe(false);
});
