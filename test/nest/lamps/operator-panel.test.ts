import { describe, expect, test } from 'vitest';
import { faultKind, faultTable, StationError } from '../../../src/foundation/faults.ts';
import { operatorText } from '../../../src/foundation/operator-text.ts';
import type { FaultCode } from '../../../src/foundation/faults.ts';
import { passSound, rejectedSound, retrySound, stationSound } from '../../../src/nest/lamps/buzzer-patterns.ts';
import { nestStateOf, operatorCodeOf } from '../../../src/nest/nest-state.ts';
import {
  alreadyDone,
  emptyLampWink,
  emptyWink,
  failed,
  lampPatterns,
  noVerdict,
  passed,
  readyLamp,
  readyWink,
  rejected,
  running,
} from '../../../src/nest/lamps/lamp-patterns.ts';
import type { LampPattern } from '../../../src/nest/lamps/lamp-patterns.ts';
import { patternOf, soundOf } from '../../../src/nest/lamps/operator-panel.ts';
import type { RunState, ShownState } from '../../../src/nest/run/run.ts';

const fault = new StationError('V01');
const done = new StationError('D05');
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
  { state: { name: 'refused', fault: done }, pattern: alreadyDone, told: { ...quiet, state: 'blocked', code: 'D05' } },
  { state: { name: 'blocked', fault }, pattern: noVerdict, told: { ...quiet, state: 'blocked', code: 'V01' } },
] as const satisfies readonly { state: ShownState; pattern: unknown; told: unknown }[];

describe('what a state looks like and how it is told', () => {
  test.for(cases)('$told.state', ({ state, pattern, told }) => {
    expect(patternOf(state, false)).toBe(pattern);
    expect(nestStateOf(3, state)).toEqual(told);
  });
});

test('a nest with a lamp for ready lights it, winks with it while empty, and looks the same in every other state', () => {
  expect(patternOf({ name: 'ready' }, true)).toBe(readyLamp);
  expect(patternOf({ name: 'empty' }, true)).toBe(emptyLampWink);
  expect(patternOf({ name: 'empty' }, false)).toBe(emptyWink);
  expect(nestStateOf(3, { name: 'empty' })).toEqual({ ...quiet, state: 'empty' });
  for (const { state } of cases.slice(1)) expect(patternOf(state, true)).toBe(patternOf(state, false));
});

describe('a failed module', () => {
  const verdict = (code: FaultCode): LampPattern =>
    patternOf({ name: 'shown', runId: 'r1', outcome: 'FAIL', fault: new StationError(code) }, false);

  test.for<{ code: FaultCode; pattern: LampPattern }>([
    // A and R; R; A alone: the station could not mend it, another press may.
    { code: 'C01', pattern: failed },
    { code: 'V01', pattern: failed },
    { code: 'W04', pattern: failed },
    // Q; A and Q; Q and S; S.
    { code: 'V04', pattern: rejected },
    { code: 'D03', pattern: rejected },
    { code: 'D01', pattern: rejected },
    { code: 'B02', pattern: rejected },
  ])('with $code is shown as $pattern.name', ({ code, pattern }) => {
    expect(verdict(code)).toBe(pattern);
  });

  test('that must not be tried again is never told to be pressed again', () => {
    const told = (Object.keys(faultTable) as FaultCode[])
      .filter((code) => faultKind(code).outcome === 'FAIL' && verdict(code) === rejected)
      .map((code) => operatorText(code, 'en'));
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter((text) => text.includes('press again'))).toEqual([]);
  });
});

describe('a failed module whose tries are used up', () => {
  const triedOut = (code: FaultCode): ShownState => ({
    name: 'shown',
    runId: 'r1',
    outcome: 'FAIL',
    fault: new StationError(code),
    triesLeft: false,
  });

  test('is not told to be pressed again: by lamp, by sound, nor by the text, which is that of D09', () => {
    const state = triedOut('V01');
    expect([patternOf(state, false), soundOf(state), operatorCodeOf(state)]).toEqual([rejected, rejectedSound, 'D09']);
    expect(nestStateOf(3, state)).toMatchObject({ state: 'failed', code: 'V01' });
  });

  test('by a code that says so itself keeps the text of that code', () => {
    expect([operatorCodeOf(triedOut('V04')), patternOf(triedOut('V04'), false)]).toEqual(['V04', rejected]);
  });

  test('with a try left is told what its code says', () => {
    const state: ShownState = { name: 'shown', runId: 'r1', outcome: 'FAIL', fault };
    expect([patternOf(state, false), soundOf(state), operatorCodeOf(state)]).toEqual([failed, retrySound, 'V01']);
  });
});

test.for<{ code: FaultCode; pattern: LampPattern; sound: unknown }>([
  { code: 'D05', pattern: alreadyDone, sound: passSound },
  { code: 'D09', pattern: rejected, sound: rejectedSound },
  { code: 'D04', pattern: rejected, sound: rejectedSound },
  { code: 'C09', pattern: noVerdict, sound: stationSound },
  { code: 'J01', pattern: noVerdict, sound: stationSound },
])('a start that is refused as $code is shown as $pattern.name', ({ code, pattern, sound }) => {
  const state: ShownState = { name: 'refused', fault: new StationError(code) };
  expect([patternOf(state, false), soundOf(state), operatorCodeOf(state)]).toEqual([pattern, sound, code]);
});

test('a nest without a verdict has no text for one', () => {
  expect(operatorCodeOf({ name: 'ready' })).toBeNull();
  expect(operatorCodeOf(shown('PASS'))).toBeNull();
  expect(operatorCodeOf({ name: 'blocked', fault })).toBe('V01');
});

describe('the patterns', () => {
  const all = lampPatterns;

  test('differ from each other', () => {
    const looks = all.map(({ steps, repeat }) => JSON.stringify([steps, repeat]));
    expect(new Set(looks).size).toBe(all.length);
  });

  test('light something with their first step, so that a new state is seen at once', () => {
    expect(all.filter(({ steps }) => steps[0]?.lit.length !== 1)).toEqual([]);
  });

  test('that repeat have only steps that end, and those that do not repeat no step after one that stays', () => {
    for (const { steps, repeat } of all) {
      const stays = steps.findIndex(({ ms }) => ms === null);
      expect([-1, ...(repeat ? [] : [steps.length - 1])]).toContain(stays);
    }
  });
});

test('promise 1: only a recorded PASS lights the pass lamp, now or in an earlier run', () => {
  const green = lampPatterns.filter(({ steps }) => steps.some(({ lit }) => lit.includes('pass')));
  expect(green).toEqual([passed, alreadyDone]);
});
