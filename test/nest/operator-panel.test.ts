import { describe, expect, test } from 'vitest';
import { StationError } from '../../src/foundation/faults.ts';
import { nestStateOf } from '../../src/nest/nest-state.ts';
import {
  failed,
  noVerdict,
  passed,
  patternOf,
  pressIgnored,
  readyLamp,
  readyWink,
  running,
} from '../../src/nest/operator-panel.ts';
import type { RunState } from '../../src/nest/run.ts';

const fault = new StationError('V01');
const quiet = { nest: 3, runId: null, phase: null, progress: null, code: null };

const shown = (outcome: Extract<RunState, { name: 'shown' }>['outcome']): RunState => ({
  name: 'shown',
  runId: 'r1',
  outcome,
  fault: outcome === 'PASS' ? null : fault,
});

const cases = [
  { state: { name: 'ready' }, pattern: readyWink, told: { ...quiet, state: 'ready' } },
  { state: { name: 'opening', runId: 'r1' }, pattern: running, told: { ...quiet, state: 'running', runId: 'r1' } },
  {
    state: { name: 'running', runId: 'r1', phase: 'write', progress: 0.25 },
    pattern: running,
    told: { ...quiet, state: 'running', runId: 'r1', phase: 'write', progress: 0.25 },
  },
  { state: { name: 'closing', runId: 'r1' }, pattern: running, told: { ...quiet, state: 'running', runId: 'r1' } },
  { state: shown('PASS'), pattern: passed, told: { ...quiet, state: 'passed', runId: 'r1' } },
  { state: shown('FAIL'), pattern: failed, told: { ...quiet, state: 'failed', runId: 'r1', code: 'V01' } },
  { state: shown('ERROR'), pattern: noVerdict, told: { ...quiet, state: 'error', runId: 'r1', code: 'V01' } },
  { state: shown('ABORTED'), pattern: noVerdict, told: { ...quiet, state: 'aborted', runId: 'r1', code: 'V01' } },
  { state: { name: 'refused', fault }, pattern: noVerdict, told: { ...quiet, state: 'blocked', code: 'V01' } },
] as const satisfies readonly { state: RunState; pattern: unknown; told: unknown }[];

describe('what a state looks like and how it is told', () => {
  test.for(cases)('$told.state', ({ state, pattern, told }) => {
    expect(patternOf(state, false)).toBe(pattern);
    expect(nestStateOf(3, state)).toEqual(told);
  });
});

test('a nest with a lamp for ready lights it, and looks the same in every other state', () => {
  expect(patternOf({ name: 'ready' }, true)).toBe(readyLamp);
  for (const { state } of cases.slice(1)) expect(patternOf(state, true)).toBe(patternOf(state, false));
});

test('promise 1: of all patterns only the one for a recorded PASS lights the pass lamp', () => {
  const patterns = [readyLamp, readyWink, running, passed, failed, noVerdict, pressIgnored];
  const green = patterns.filter(({ steps }) => steps.some(({ lit }) => lit.includes('pass')));
  expect(green).toEqual([passed]);
});
